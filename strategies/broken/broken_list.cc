#include "strategies/broken/broken_list.h"

#include <fmt/format.h>

#include "harness/core/near_names.h"
#include "harness/platform/comm.h"
#include "strategies/broken/strategies.h"

namespace ckptbench {
namespace {

struct Row {
  std::string name;
  std::string summary;
  std::string issue;  // the public report of the same mistake
  std::unique_ptr<Strategy> (*make)(const StrategyContext&);
  Fault fault;
  std::optional<DataVerdict> data;
  std::optional<Role> component;
  std::optional<Finding> finding;
};

Fault kill(const std::string& operation, const std::string& path, uint64_t occurrence,
           const std::string& when) {
  return {.kind = Fault::Kind::kFileOp,
          .rule = {.operation = operation, .path = path, .occurrence = occurrence, .when = when}};
}

// clang-format off
std::vector<Row> make_rows() {
  using enum DataVerdict;
  using enum Finding;
  const std::optional<DataVerdict> any;  // the finding alone decides
  const Fault none;
  return {
      {"broken-in-place", "writes in place over the only file",
       "https://github.com/Lightning-AI/pytorch-lightning/issues/688", make_in_place,
       kill("truncate", "checkpoint.bin", 2, "after"), kDetectedUnrecoverable, {}, {}},
      {"broken-early-rename", "gives the file its final name when half of it is written",
       "https://github.com/KempnerInstitute/KempnerForge/issues/102", make_early_rename,
       kill("rename", "*", 2, "after"), kDetectedUnrecoverable, {}, {}},
      {"broken-live-reference", "saves in the background from the live tensors: mixed steps",
       "https://github.com/Lightning-AI/pytorch-lightning/issues/20953", make_live_reference,
       none, kSilentCorrupt, Role::kParameter, {}},
      {"broken-no-optimizer", "leaves the optimizer's moments and step counters out",
       "https://github.com/deepspeedai/DeepSpeed/pull/7786", make_no_optimizer,
       none, kDiverged, Role::kMoment1, {}},
      {"broken-no-rng", "leaves the random generators out",
       "https://github.com/huggingface/transformers/pull/46628", make_no_rng,
       none, kDiverged, Role::kRng, {}},
      {"broken-early-ack", "reports a checkpoint as durable before it is written",
       "https://github.com/NVIDIA-NeMo/Megatron-Bridge/pull/5117", make_early_ack,
       kill("rename", "*", 2, "before"), kLostAck, {}, {}},
      {"broken-no-verify", "restores the newest file without looking at its digest",
       "https://github.com/pytorch/pytorch/issues/126952", make_no_verify,
       kill("write", "checkpoint-2.bin", 3, "before"), kSilentCorrupt, Role::kParameter, {}},
      {"broken-retire-early", "deletes the old checkpoint before the new one is written",
       "https://github.com/Lightning-AI/pytorch-lightning/issues/1150", make_retire_early,
       kill("unlink", "*", 1, "after"), kSilentRestart, {}, {}},
      {"broken-restart", "starts again from step 0: the pointer to the newest is never written",
       "https://github.com/verl-project/verl/pull/7955", make_restarting,
       none, kSilentRestart, {}, {}},
      {"broken-mutating", "rounds the live parameters while it saves",
       "https://github.com/huggingface/optimum-graphcore/pull/97", make_mutating,
       none, any, {}, kPerturbed},
      {"broken-leak", "leaves a descriptor, a file and a buffer behind with each save",
       "https://github.com/pytorch/pytorch/issues/170163", make_leaking,
       none, any, {}, kLeak},
      {"broken-leak-heap", "keeps 5 KiB of memory with each save",
       "https://github.com/pytorch/pytorch/issues/170163", make_leaking_heap,
       none, any, {}, kLeak},
      {"broken-raises", "a write error in its second save ends the training",
       "https://github.com/rwth-i6/returnn/issues/1829", make_raising,
       none, any, {}, kTrainerKilled},
      {"broken-hang", "its second save never returns",
       "https://github.com/pytorch/pytorch/pull/77091", make_hanging,
       none, any, {}, kHang},
  };
}
// clang-format on

const std::vector<Row>& rows() {
  static const std::vector<Row> all = make_rows();
  return all;
}

std::vector<StrategyInfo> make_infos() {
  std::vector<StrategyInfo> infos;
  for (const Row& row : rows()) {
    infos.push_back({.name = row.name,
                     .summary = row.summary,
                     .source = row.issue,
                     .survives = {.process = true, .power = true},
                     .opaque = true,
                     .broken = true,
                     .params = {}});
  }
  return infos;
}

std::vector<BrokenInfo> make_expectations() {
  std::vector<BrokenInfo> expectations;
  for (const Row& row : rows()) {
    expectations.push_back({row.name, row.fault, row.data, row.component, row.finding});
  }
  return expectations;
}

}  // namespace

const std::vector<StrategyInfo>& broken_strategies() {
  static const std::vector<StrategyInfo> infos = make_infos();
  return infos;
}

const std::vector<BrokenInfo>& broken_expectations() {
  static const std::vector<BrokenInfo> expectations = make_expectations();
  return expectations;
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
  for (const Row& row : rows()) {
    if (row.name == selection.name) return row.make(context);
  }
  return Error{fmt::format("{}: no such row", selection.name)};
}

}  // namespace ckptbench
