#include "strategies/testing/golden_samples.h"

namespace ckptbench {

std::string Golden::path() const {
  return std::string(CKPT_SOURCE_DIR "/strategies/format/golden/") + folder;
}

const std::vector<Golden>& golden_checkpoints() {
  static const std::vector<Golden> rows{
      {"format1/raw", "sync", 1, 7, "4d33e7a35805ff9e66026156857c9c88"},
      {"format1/encoded", "compressed", 1, 7, "1f0910d6ac3a3221115259b087a300d8"},
      {"format1/dedup", "incremental", 1, 7, "1f0910d6ac3a3221115259b087a300d8"},
      {"format1/dedup", "incremental", 2, 8, "58605cac4670cf666f091f697fa2c001"},
      {"format1/zstd", "staged+zstd@dir", 1, 7, "1f0910d6ac3a3221115259b087a300d8"}};
  return rows;
}

void add_golden_tensors(ContractState& state) {
  state.add("layer.weight", Role::kParameter, DType::kF32, {4, 8});
  state.add("layer.bias", Role::kParameter, DType::kBF16, {5});
  state.add("layer.weight.exp_avg", Role::kMoment1, DType::kF64, {2, 3});
  state.add("flag", Role::kGradient, DType::kBool, {3});
  state.add("step", Role::kCounter, DType::kI64, {});
  state.add("nothing", Role::kBuffer, DType::kF16, {0, 2});
  state.add_alias("head.weight", "layer.weight");
}

std::unique_ptr<ContractState> golden_state(const Golden& golden) {
  auto state = std::make_unique<ContractState>();
  add_golden_tensors(*state);
  if (std::string_view(golden.strategy) == "sync") return state;
  state->add("table", Role::kParameter, DType::kF32, {37, 41});
  state->add("half", Role::kBuffer, DType::kF16, {9});
  state->add("order", Role::kLoader, DType::kI32, {11});
  state->add("short", Role::kPolicy, DType::kI16, {2});
  state->add("tiny", Role::kCounter, DType::kI8, {1, 1});
  state->add("rng", Role::kRng, DType::kU8, {33});
  return state;
}

std::unique_ptr<Strategy> GoldenBench::open(const std::string& strategy,
                                            const std::string& directory) {
  const ParamText params{{"chunk_bytes", "4096"}, {"writers", "1"}, {"direct", "false"}};
  auto made = make_native({.name = strategy, .params = params},
                          {*device_, comm_, observer_, trace_, directory, "golden"});
  if (made) return std::move(made).value();
  ADD_FAILURE() << made.error().message;
  return nullptr;
}

}  // namespace ckptbench
