#include "strategies/broken/broken_list.h"

#include <fmt/format.h>

#include "harness/core/near_names.h"
#include "harness/platform/comm.h"
#include "strategies/broken/strategies.h"
#include "strategies/broken/wrong_retention.h"

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
  bool background = true;  // as in StrategyInfo
};

Fault kill(const std::string& operation, const std::string& path, uint64_t occurrence,
           const std::string& when) {
  return {"file_op",
          {{"operation", operation},
           {"path", path},
           {"occurrence", std::to_string(occurrence)},
           {"when", when}}};
}

// clang-format off
// NOLINTNEXTLINE(readability-function-size): a table, one entry a row
std::vector<Row> make_rows() {
  using enum DataVerdict;
  using enum Finding;
  const std::optional<DataVerdict> any;  // the finding alone decides
  const Fault none;
  return {
      {"broken-in-place", "writes in place over the only file",
       "https://github.com/Lightning-AI/pytorch-lightning/issues/688", make_in_place,
       kill("truncate", "checkpoint.bin", 2, "after"), kDetectedUnrecoverable, {}, {}},
      {"broken-child-writer", "a child process writes in place, and is acknowledged before its end",
       "https://github.com/Lightning-AI/pytorch-lightning/issues/688", make_child_writer,
       kill("open", "checkpoint.bin", 2, "after"), kDetectedUnrecoverable, {}, {}},
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
       kill("write", "checkpoint-2.bin", 2, "before"), kSilentCorrupt, Role::kParameter, {}},
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
      // What a restore fills, and what it says of itself.
      {"broken-unfilled", "leaves one tensor as it was and reports it restored",
       "https://github.com/sgl-project/sglang/pull/26772", make_unfilled,
       none, kDiverged, Role::kPolicy, {}},
      {"broken-omitted-name", "saves no buffers, and restores without them",
       "https://github.com/mosaicml/composer/pull/2216", make_omitted_name,
       none, kDiverged, Role::kBuffer, kNameMismatch},
      {"broken-unchanged", "does not save again what never changed since the first save",
       "https://github.com/goodfire-ai/spd/issues/680", make_unchanged,
       none, kSilentCorrupt, Role::kParameter, {}},
      {"broken-epoch-start", "forgets the loader's position in every epoch but the first",
       "https://github.com/huggingface/accelerate/pull/4071", make_epoch_start,
       none, kDiverged, Role::kLoader, {}},
      {"broken-wrong-step", "restores the right bytes under another checkpoint's step",
       "https://github.com/pytorch/torchtitan/issues/571", make_wrong_step,
       none, kBitExact, {}, kMislabeled},
      {"broken-no-fallback", "refuses a damaged newest checkpoint although an older one is fine",
       "https://github.com/allenai/allennlp/issues/2129", make_no_fallback,
       kill("write", "checkpoint-3.bin", 1, "before"), kNoFallback, {}, {}},
      // Acknowledgements, deletions and memory.
      {"broken-delete-first", "deletes everything before it writes, and acknowledges by returning",
       "https://github.com/bghira/SimpleTuner/pull/2989", make_delete_first,
       kill("unlink", "*", 1, "after"), kSilentRestart, {}, {}, false},
      {"broken-repair", "clears the directory when a restore meets a damaged file",
       "https://github.com/iltsarev/detach/issues/178", make_repair_by_deleting,
       kill("write", "checkpoint-2.bin", 1, "partial"), kSilentRestart, {}, {}},
      {"broken-early-wait", "wait() says durable before the file is written",
       "https://github.com/pytorch/torchtitan/pull/4270", make_early_wait,
       kill("rename", "*", 2, "before"), kLostAck, {}, {}},
      {"broken-early-return", "declares no background work, and writes after save() has returned",
       "https://github.com/pytorch/torchtitan/issues/930", make_early_return,
       kill("rename", "*", 2, "before"), kLostAck, {}, kUndeclaredBackground, false},
      {"broken-last-save", "writes a save when the next one comes: the last one is lost",
       "https://github.com/intelligent-machine-learning/dlrover/issues/1378", make_last_save_lost,
       none, kLostAck, {}, {}},
      {"broken-never-acknowledges",
       "deletes everything before it writes, and says durable only to a wait() that blocks",
       "https://github.com/finos/opengris-scaler/issues/24", make_never_acknowledging,
       kill("unlink", "*", 2, "after"), kSilentRestart, {}, kNeverAcknowledged},
      {"broken-writes-at-end", "keeps the newest state in memory until wait() blocks",
       "https://github.com/ByteDance-Seed/VeOmni/pull/1162", make_writing_at_the_end,
       none, any, {}, kNeverAcknowledged},
      {"broken-shared-buffer", "the next save overwrites the buffer that is still being written",
       "https://github.com/bghira/SimpleTuner/pull/2714", make_shared_buffer,
       kill("rename", "*", 4, "before"), kDiverged, Role::kBuffer, {}},
      {"broken-keep-newest", "deletes all but the newest, whatever it is told to keep",
       "https://github.com/OpenPipe/ART/issues/117", make_keep_newest,
       none, any, {}, kRetentionBroken},
      {"broken-forget-best", "keeps the newest ones in place of the best",
       "https://github.com/huggingface/transformers/pull/39560", make_forget_best,
       none, any, {}, kRetentionBroken},
      {"broken-second-chunk", "loads the second chunk of a tensor from the place of the first",
       "https://github.com/pytorch/pytorch/issues/12042", make_second_chunk,
       none, kSilentCorrupt, Role::kParameter, {}},
      {"broken-stale-resume", "every save of a resumed run holds what its first one held",
       "https://github.com/pytorch/torchtitan/pull/647", make_stale_resume,
       none, kLostAck, {}, kMislabeled},
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
                     .background = row.background,
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
