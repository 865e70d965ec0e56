#include "strategies/broken/broken_list.h"

#include <fmt/format.h>

#include "harness/core/near_names.h"
#include "harness/platform/comm.h"

namespace ckptbench {

// A broken strategy adds one line here and one below; its row is in its own file.
BrokenRow in_place_row();
BrokenRow child_writer_row();
BrokenRow early_rename_row();
BrokenRow live_reference_row();
BrokenRow no_optimizer_row();
BrokenRow no_rng_row();
BrokenRow early_ack_row();
BrokenRow no_verify_row();
BrokenRow retire_early_row();
BrokenRow restarting_row();
BrokenRow mutating_row();
BrokenRow leaking_row();
BrokenRow leaking_heap_row();
BrokenRow raising_row();
BrokenRow hanging_row();
BrokenRow unfilled_row();
BrokenRow omitted_name_row();
BrokenRow unchanged_row();
BrokenRow epoch_start_row();
BrokenRow wrong_step_row();
BrokenRow no_fallback_row();
BrokenRow delete_first_row();
BrokenRow repair_by_deleting_row();
BrokenRow early_wait_row();
BrokenRow early_return_row();
BrokenRow last_save_lost_row();
BrokenRow never_acknowledging_row();
BrokenRow writing_at_the_end_row();
BrokenRow shared_buffer_row();
BrokenRow keep_newest_row();
BrokenRow forget_best_row();
BrokenRow second_chunk_row();
BrokenRow stale_resume_row();
BrokenRow own_process_row();
BrokenRow mapped_row();
BrokenRow claiming_more_row();
BrokenRow contradicting_row();
BrokenRow second_writer_row();
BrokenRow third_cycle_row();

const std::vector<BrokenRow>& broken_rows() {
  static const std::vector<BrokenRow> rows{
      in_place_row(),
      child_writer_row(),
      early_rename_row(),
      live_reference_row(),
      no_optimizer_row(),
      no_rng_row(),
      early_ack_row(),
      no_verify_row(),
      retire_early_row(),
      restarting_row(),
      mutating_row(),
      leaking_row(),
      leaking_heap_row(),
      raising_row(),
      hanging_row(),
      unfilled_row(),
      omitted_name_row(),
      unchanged_row(),
      epoch_start_row(),
      wrong_step_row(),
      no_fallback_row(),
      delete_first_row(),
      repair_by_deleting_row(),
      early_wait_row(),
      early_return_row(),
      last_save_lost_row(),
      never_acknowledging_row(),
      writing_at_the_end_row(),
      shared_buffer_row(),
      keep_newest_row(),
      forget_best_row(),
      second_chunk_row(),
      stale_resume_row(),
      own_process_row(),
      mapped_row(),
      claiming_more_row(),
      contradicting_row(),
      second_writer_row(),
      third_cycle_row(),
  };
  return rows;
}

namespace {

std::vector<StrategyInfo> make_infos() {
  std::vector<StrategyInfo> infos;
  for (const BrokenRow& row : broken_rows()) {
    infos.push_back({.name = row.name,
                     .summary = row.summary,
                     .source = row.source,
                     .survives = {.process = true, .power = true},
                     .opaque = true,
                     .broken = true,
                     .background = row.background,
                     .params = {}});
  }
  return infos;
}

}  // namespace

const std::vector<StrategyInfo>& broken_strategies() {
  static const std::vector<StrategyInfo> infos = make_infos();
  return infos;
}

Result<StrategyInfo> find_broken(const std::string& name) {
  std::vector<std::string> names;
  for (const StrategyInfo& info : broken_strategies()) {
    if (info.name == name) return info;
    names.push_back(info.name);
  }
  return Error{unknown_name("strategy", name, names)};
}

Result<std::unique_ptr<Strategy>> make_broken(const Selection& selection,
                                              const StrategyContext& context) {
  const Result<StrategyInfo> info = find_broken(selection.name);
  if (!info) return info.error();
  const Result<Params> params = Params::make(selection.name, info.value().params, selection.params);
  if (!params) return params.error();
  if (context.comm.size() != 1) return Error{selection.name + ": one rank only"};
  for (const BrokenRow& row : broken_rows()) {
    if (row.name == selection.name) return row.make(context);
  }
  return Error{fmt::format("{}: no such row", selection.name)};
}

}  // namespace ckptbench
