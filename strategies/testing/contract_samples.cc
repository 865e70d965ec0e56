#include "strategies/testing/contract_samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <set>

#include "strategies/pipeline/spec.h"
#include "strategies/stages.h"
#include "strategies/testing/checked_strategy.h"

namespace ckptbench {
namespace {

void fill_tensor(const TensorView& tensor, Prng& prng) {
  const uint64_t width = dtype_bytes(tensor.dtype);
  const bool wide_float = tensor.dtype == DType::kF32 || tensor.dtype == DType::kBF16;
  for (uint64_t i = 0; i < tensor.bytes; ++i) {
    uint64_t value = prng.below(256);
    if (tensor.dtype == DType::kBool) value &= 1;
    if (wide_float && i % width == width - 1) value = 0x3c | (value & 0x80);
    tensor.data[i] = static_cast<std::byte>(value);
  }
}

}  // namespace

void ContractState::fill(uint64_t seed) {
  Prng prng(seed);
  for (const TensorView& tensor : view().tensors) {
    if (!tensor.alias_of) fill_tensor(tensor, prng);
  }
}

void ContractState::fill(const std::string& name, uint64_t seed) {
  Prng prng(seed);
  fill_tensor(*view().find(name), prng);
}

std::unique_ptr<ContractState> adversarial_state(uint64_t seed) {
  auto state = std::make_unique<ContractState>();
  state->add("model.weight", Role::kParameter, DType::kF32, {301, 257});
  state->add("model.bias", Role::kParameter, DType::kBF16, {257});
  state->add_alias("model.tied", "model.weight");
  state->add("model.half", Role::kParameter, DType::kF16, {3, 5, 7});
  state->add("stats.mean", Role::kBuffer, DType::kF64, {13});
  state->add("stats.none", Role::kBuffer, DType::kF32, {0, 7});
  state->add("stats.count", Role::kBuffer, DType::kI64, {});
  state->add("master/model.bias", Role::kMasterWeight, DType::kF32, {257});
  state->add("exp_avg/model.weight", Role::kMoment1, DType::kF32, {301, 257});
  state->add("exp_avg_sq/model.weight", Role::kMoment2, DType::kF32, {301, 257});
  state->add("step count", Role::kOptimizerStep, DType::kI32, {1});
  state->add("lr", Role::kLearningRate, DType::kF64, {});
  state->add("scale", Role::kLossScaler, DType::kF32, {});
  state->add("grad.flag", Role::kGradient, DType::kBool, {1});
  state->add("rng.bytes", Role::kRng, DType::kU8, {5056});
  state->add("loader.odd", Role::kLoader, DType::kI16, {4097});
  state->add("loader.signs", Role::kLoader, DType::kI8, {4095});
  state->add("Größe/β", Role::kPolicy, DType::kU8, {1});
  for (int i = 0; i < 300; ++i) {
    state->add(fmt::format("many.{}", i), Role::kCounter, DType::kU8, {i % 19});
  }
  state->fill(seed);
  return state;
}

std::unique_ptr<ContractState> small_state(uint64_t seed) {
  auto state = std::make_unique<ContractState>();
  state->add("a.weight", Role::kParameter, DType::kF32, {64, 33});
  state->add("b.weight", Role::kParameter, DType::kBF16, {1000});
  state->add("b.mean", Role::kBuffer, DType::kF32, {7});
  state->add("exp_avg/a.weight", Role::kMoment1, DType::kF32, {64, 33});
  state->fill(seed);
  return state;
}

void RecordingObserver::captured(uint64_t step) {
  add(fmt::format("captured {}", step));
}
void RecordingObserver::durable(uint64_t step, uint64_t seq, Survives survives) {
  add(fmt::format("durable {} seq {} {}", step, seq, to_text(survives)));
}
void RecordingObserver::failed(uint64_t step, const std::string& /*reason*/) {
  add(fmt::format("failed {}", step));
}
void RecordingObserver::retired(uint64_t step, uint64_t seq) {
  add(fmt::format("retired {} seq {}", step, seq));
}
void RecordingObserver::add(std::string line) {
  const std::lock_guard lock(mutex_);
  lines_.push_back(std::move(line));
}
std::vector<std::string> RecordingObserver::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

ContractBench::ContractBench()
    : temporary_(TempDir::make("ckptbench-contract").value()), directory_(temporary_.path()) {}

Result<std::unique_ptr<Strategy>> ContractBench::try_open(const std::string& name,
                                                          const ParamText& params, Mode mode) {
  return open_checked(name, [&] {
    return make_native({.name = name, .params = params}, {.device = device_,
                                                          .comm = comm_,
                                                          .observer = observer_,
                                                          .trace = trace_,
                                                          .directory = directory_,
                                                          .run_id = "run-of-the-test",
                                                          .read_only = mode == Mode::kReadOnly});
  });
}

std::unique_ptr<Strategy> ContractBench::open(const std::string& name, const ParamText& params,
                                              Mode mode) {
  auto strategy = try_open(name, params, mode);
  if (strategy) return std::move(strategy).value();
  ADD_FAILURE() << strategy.error().message;
  return nullptr;
}

SaveOutcome save_and_wait(Strategy& strategy, ContractState& state, uint64_t step,
                          Contents contents) {
  const Ticket ticket =
      strategy.save(state.view(), {.step = step, .contents = contents, .metric = {}});
  return strategy.wait(ticket, std::chrono::steady_clock::now() + std::chrono::minutes(1));
}

std::string words(const RestoreOutcome& outcome) {
  if (const auto* restored = std::get_if<Restored>(&outcome)) {
    return fmt::format("restored {}", restored->step);
  }
  if (const auto* refused = std::get_if<Refused>(&outcome)) return "refused: " + refused->reason;
  return "nothing";
}

std::string words(const SaveOutcome& outcome) {
  if (const auto* failed = std::get_if<Failed>(&outcome)) return "failed: " + failed->reason;
  if (const auto* skipped = std::get_if<Skipped>(&outcome)) return "skipped: " + skipped->reason;
  return std::holds_alternative<Durable>(outcome) ? "durable" : "pending";
}

std::vector<uint64_t> seqs_of(const std::vector<CheckpointInfo>& checkpoints) {
  std::vector<uint64_t> seqs;
  for (const CheckpointInfo& checkpoint : checkpoints) seqs.push_back(checkpoint.seq);
  return seqs;
}

std::vector<std::string> specs_of_all_stages() {
  std::vector<std::string> specs;
  for (const StageRow& stage : native_stages()) {
    const auto word = [&](StageKind kind, const char* other) {
      return stage.kind() == kind ? stage.name : other;
    };
    // What only prepares needs an encoder after it.
    const char* const next = stage.only_prepares ? "+zstd" : "";
    specs.push_back(fmt::format("{}+{}{}+{}@{}", word(StageKind::kCapture, "staged"),
                                word(StageKind::kEncode, "raw"), next,
                                word(StageKind::kPlace, "rank0"), word(StageKind::kStore, "dir")));
  }
  return specs;
}

Result<std::string> composition_of(const std::string& name) {
  const Result<StrategyInfo> info = find_native({name, {}});
  if (!info) return info.error();
  std::string text = name;
  if (name.find('@') == std::string::npos) {  // a preset's summary ends with it, in brackets
    const std::string& summary = info.value().summary;
    const size_t open = summary.rfind('(');
    text = open == std::string::npos ? "" : summary.substr(open + 1, summary.size() - open - 2);
  }
  const Result<Spec> spec = parse_spec(text, native_stages());
  if (!spec) return spec.error();
  return spec.value().text();
}

std::vector<std::string> composed_samples() {
  return {"blocking+planes+zstd@dir", "blocking+dedup@dir", "staged+dedup+planes+zstd@dir",
          "staged+zstd@dir"};
}

std::vector<std::string> keeping_strategies() {
  std::vector<std::string> names;
  for (const StrategyInfo& row : native_strategies()) {
    if (row.survives.process && composition_of(row.name)) names.push_back(row.name);
  }
  return names;
}

std::vector<std::string> keeping_compositions() {
  std::vector<std::string> names = keeping_strategies();
  std::set<std::string> known;
  for (const std::string& name : names) known.insert(composition_of(name).value());
  for (const std::string& spec : specs_of_all_stages()) {
    if (!find_native({spec, {}}).value().survives.process) continue;
    if (known.insert(composition_of(spec).value()).second) names.push_back(spec);
  }
  return names;
}

std::vector<std::string> syncing_compositions() {
  std::vector<std::string> names = keeping_compositions();
  std::erase_if(names, [](const std::string& name) {
    return !find_native({name, {}}).value().survives.power;
  });
  return names;
}

ParamText params_of(const std::string& composition, const ParamText& params) {
  ParamText known = params;
  std::erase_if(known, [&](const auto& param) { return !find_native({composition, {param}}); });
  return known;
}

std::string test_name(const std::string& composition) {
  std::string name = composition;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

}  // namespace ckptbench
