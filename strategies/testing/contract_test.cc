// What every native strategy must do, run over the registry: a new row is tested here
// without new test code.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "harness/core/testing/processor_state.h"
#include "strategies/format/safetensors.h"
#include "strategies/testing/contract_samples.h"

namespace ckptbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Small chunks, so that a state of a few MB has many.
const ParamText kSmallChunks{{"chunk_bytes", "65536"}};

class Contract : public ::testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Strategy> open() { return bench.open(GetParam(), kSmallChunks); }
  ContractBench bench;
};

TEST_P(Contract, RoundTripsEveryKindOfTensorBitByBit) {
  const auto state = adversarial_state(1);
  const Digest saved = state->digest();
  {
    const auto strategy = open();
    EXPECT_EQ(words(save_and_wait(*strategy, *state, 7)), "durable");
  }
  const auto target = adversarial_state(2);
  ASSERT_NE(target->digest(), saved);
  const auto strategy = open();
  const RestoreOutcome outcome = strategy->restore(target->view(), {}, nullptr);
  EXPECT_EQ(words(outcome), "restored 7");
  EXPECT_EQ(target->digest(), saved);
}

TEST_P(Contract, KeepsTheValuesOfTheMomentOfTheSave) {
  const auto state = adversarial_state(1);
  const auto strategy = open();
  Digest last;
  for (uint64_t step = 1; step <= 5; ++step) {
    state->fill(step);
    last = state->digest();
    strategy->save(state->view(), {.step = step, .contents = Contents::kFull, .metric = {}});
    state->fill(1000 + step);
  }
  EXPECT_EQ(words(strategy->restore(state->view(), {}, nullptr)), "restored 5");
  EXPECT_EQ(state->digest(), last);
}

size_t threads_running() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<size_t>(std::distance(begin(tasks), end(tasks)));
}

TEST_P(Contract, PrepareTakesTheMemoryAndThreadsThatTheFirstSaveNeeds) {
  ContractState state;
  for (const char* const name : {"a", "b", "c"}) {
    state.add(name, Role::kParameter, DType::kF32, {1 << 20});
  }
  state.fill(1);
  const auto strategy = bench.open(GetParam(), {{"writers", "3"}});
  const Status prepared = strategy->prepare(state.view());
  ASSERT_TRUE(prepared) << prepared.error().message;
  const uint64_t allocations = bench.allocations();
  const size_t threads = threads_running();
  EXPECT_TRUE(list_files(bench.directory()).value().size() <= 1) << "the lease alone";
  EXPECT_EQ(words(save_and_wait(*strategy, state, 1)), "durable");
  EXPECT_EQ(bench.allocations(), allocations);
  EXPECT_EQ(threads_running(), threads);
}

TEST_P(Contract, SavesAStateThatItWasNotPreparedFor) {
  const auto strategy = open();
  ASSERT_TRUE(strategy->prepare(small_state(1)->view()));
  const auto state = adversarial_state(1);
  const Digest saved = state->digest();
  EXPECT_EQ(words(save_and_wait(*strategy, *state, 7)), "durable");
  state->fill(2);
  EXPECT_EQ(words(strategy->restore(state->view(), {}, nullptr)), "restored 7");
  EXPECT_EQ(state->digest(), saved);
}

// The claim in a list and the claim with which a save is reported.
TEST_P(Contract, ClaimsTheSameBeforeAndAfterASave) {
  for (const char* const fsync : {"true", "false"}) {
    const Selection selection{GetParam(), params_of(GetParam(), {{"fsync", fsync}})};
    const auto state = small_state(1);
    const auto strategy = bench.open(selection.name, selection.params);
    ASSERT_TRUE(strategy);
    const SaveOutcome outcome = save_and_wait(*strategy, *state, 1);
    ASSERT_EQ(words(outcome), "durable");
    EXPECT_EQ(std::get<Durable>(outcome).survives, find_native(selection).value().survives);
    if (selection.params.empty()) continue;  // a store that has no choice
    EXPECT_EQ(std::get<Durable>(outcome).survives.power, selection.params.at("fsync") == "true");
  }
}

// Other tools read the header of a raw file, which the manifest does not cover.
void expect_header_of(const std::string& directory, uint64_t seq, const StateView& state) {
  const std::string path = fmt::format("{}/ckpt-{:08}.r0000.safetensors", directory, seq);
  if (!std::filesystem::exists(path)) return;
  const auto file = read_file(path);
  ASSERT_TRUE(file) << file.error().message;
  const auto bytes = std::as_bytes(std::span(file.value()));
  const auto header = parse_safetensors(bytes, bytes.size());
  ASSERT_TRUE(header) << header.error().message;
  for (const SafetensorsEntry& entry : header.value().entries) {
    const TensorView* const tensor = state.find(entry.name);
    ASSERT_NE(tensor, nullptr) << entry.name;
    EXPECT_EQ(entry.dtype, tensor->dtype) << entry.name;
    EXPECT_EQ(entry.shape, tensor->shape) << entry.name;
  }
}

// What a save of the same size has planned must not serve a state of other tensors.
TEST_P(Contract, SavesAStateWhoseTensorsHaveChanged) {
  using Change = std::function<void(ContractState&)>;
  const std::vector<Change> states{[](ContractState& s) {
                                     s.add("b", Role::kParameter, DType::kF32, {4, 8});
                                   },
                                   [](ContractState& s) {
                                     s.add("c", Role::kParameter, DType::kF32, {4, 8});
                                   },
                                   [](ContractState& s) {
                                     s.add("c", Role::kParameter, DType::kI32, {4, 8});
                                   },
                                   [](ContractState& s) {
                                     s.add("c", Role::kParameter, DType::kI32, {8, 4});
                                   },
                                   [](ContractState& s) { s.add_alias("c", "a"); }};
  const auto strategy = open();
  uint64_t step = 0;
  for (const Change& change : states) {
    ContractState state;
    state.add("a", Role::kParameter, DType::kI32, {8, 4});
    change(state);
    state.fill(++step);
    const Digest saved = state.digest();
    ASSERT_EQ(words(save_and_wait(*strategy, state, step)), "durable") << step;
    state.fill(99);
    ASSERT_EQ(words(strategy->restore(state.view(), {}, nullptr)),
              fmt::format("restored {}", step));
    EXPECT_EQ(state.digest(), saved) << step;
    expect_header_of(bench.directory(), step, state.view());
  }
}

TEST_P(Contract, FindsNothingInAnEmptyDirectory) {
  const auto state = small_state(1);
  EXPECT_EQ(words(open()->restore(state->view(), {}, nullptr)), "nothing");
}

TEST_P(Contract, NumbersCommitsAndListsNewestFirst) {
  const auto state = small_state(1);
  {
    const auto strategy = open();
    for (const uint64_t step : {10, 20, 5}) {
      EXPECT_EQ(words(save_and_wait(*strategy, *state, step)), "durable");
    }
  }
  const auto strategy = open();
  EXPECT_EQ(words(save_and_wait(*strategy, *state, 6)), "durable");
  const auto listed = strategy->list();
  EXPECT_THAT(seqs_of(listed), ElementsAre(4, 3, 2, 1));
  EXPECT_EQ(listed[0].step, 6u);
  EXPECT_EQ(listed[0].run, "run-of-the-test");
  EXPECT_EQ(words(strategy->restore(state->view(), {}, nullptr)), "restored 6");
  EXPECT_EQ(words(strategy->restore(state->view(), {.seq = 2, .partial = false}, nullptr)),
            "restored 20");
  EXPECT_THAT(words(strategy->restore(state->view(), {.seq = 9, .partial = false}, nullptr)),
              HasSubstr("no checkpoint 9"));
}

TEST_P(Contract, TellsTheObserverInOrder) {
  const auto state = small_state(1);
  const auto strategy = open();
  EXPECT_EQ(words(save_and_wait(*strategy, *state, 1)), "durable");
  EXPECT_EQ(words(save_and_wait(*strategy, *state, 2)), "durable");
  const std::string claim = to_text(find_native({GetParam(), {}}).value().survives);
  EXPECT_THAT(bench.observer().lines(),
              ElementsAre("captured 1", fmt::format("durable 1 seq 1 {}", claim), "captured 2",
                          fmt::format("durable 2 seq 2 {}", claim)));
}

TEST_P(Contract, RefusesASecondWriter) {
  const auto strategy = open();
  const auto second = bench.try_open(GetParam());
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("run-of-the-test"));
}

TEST_P(Contract, StrictNamesWhatDoesNotFit) {
  const auto state = small_state(1);
  const auto strategy = open();
  EXPECT_EQ(words(save_and_wait(*strategy, *state, 1)), "durable");
  auto other = small_state(2);
  other->add("head.weight", Role::kParameter, DType::kF32, {3});
  const std::string outcome = words(strategy->restore(other->view(), {}, nullptr));
  EXPECT_THAT(outcome, StartsWith("refused: "));
  EXPECT_THAT(outcome, HasSubstr("head.weight"));
}

TEST_P(Contract, PartialReportsMissingAndUnexpectedAndFillsTheRest) {
  const auto state = small_state(1);
  const auto strategy = open();
  EXPECT_EQ(words(save_and_wait(*strategy, *state, 1, Contents::kWeights)), "durable");
  ContractState other;
  other.add("a.weight", Role::kParameter, DType::kF32, {64, 33});
  other.add("head.weight", Role::kParameter, DType::kF32, {3});
  other.fill(9);
  const std::vector<std::byte> head(other.view().find("head.weight")->data,
                                    other.view().find("head.weight")->data + 12);
  EXPECT_THAT(words(strategy->restore(other.view(), {}, nullptr)), StartsWith("refused: "));
  const RestoreOutcome outcome =
      strategy->restore(other.view(), {.seq = {}, .partial = true}, nullptr);
  const auto* restored = std::get_if<Restored>(&outcome);
  ASSERT_NE(restored, nullptr) << words(outcome);
  EXPECT_THAT(restored->missing, ElementsAre("head.weight"));
  EXPECT_THAT(restored->unexpected, ElementsAre("b.weight", "b.mean"));
  const TensorView& from = *state->view().find("a.weight");
  const TensorView& to = *other.view().find("a.weight");
  EXPECT_TRUE(std::equal(from.data, from.data + from.bytes, to.data));
  const TensorView& kept = *other.view().find("head.weight");
  EXPECT_TRUE(std::equal(head.begin(), head.end(), kept.data));
}

TEST_P(Contract, NeverSkipsAnotherShapeSilently) {
  const auto state = small_state(1);
  const auto strategy = open();
  EXPECT_EQ(words(save_and_wait(*strategy, *state, 1)), "durable");
  ContractState other;
  other.add("a.weight", Role::kParameter, DType::kF32, {65, 33});
  for (const bool partial : {false, true}) {
    const auto outcome =
        words(strategy->restore(other.view(), {.seq = {}, .partial = partial}, nullptr));
    EXPECT_THAT(outcome, HasSubstr("a.weight: F32 [64, 33] in the checkpoint, F32 [65, 33]"));
  }
}

TEST_P(Contract, WeightsOnlyNeverStandsInForAFullState) {
  const auto state = small_state(1);
  const Digest full = state->digest();
  const auto strategy = open();
  EXPECT_EQ(words(save_and_wait(*strategy, *state, 1)), "durable");
  state->fill(2);
  EXPECT_EQ(words(save_and_wait(*strategy, *state, 2, Contents::kWeights)), "durable");
  const RestoreOutcome outcome = strategy->restore(state->view(), {}, nullptr);
  ASSERT_EQ(words(outcome), "restored 1");
  EXPECT_THAT(std::get<Restored>(outcome).passed_over, ElementsAre(HasSubstr("weights only")));
  EXPECT_EQ(state->digest(), full);
}

TEST_P(Contract, RetainKeepsWhatWasAskedForAndDeletesTheRest) {
  const auto state = small_state(1);
  const auto strategy = open();
  std::vector<Digest> digests(1);
  for (uint64_t step = 1; step <= 6; ++step) {
    state->fill(step);
    digests.push_back(state->digest());
    EXPECT_EQ(words(save_and_wait(*strategy, *state, step)), "durable");
  }
  const std::vector<uint64_t> keep{6, 3};
  const Status retained = strategy->retain(keep);
  ASSERT_TRUE(retained) << retained.error().message;
  ASSERT_TRUE(strategy->drain());
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(6, 3));
  for (const uint64_t seq : keep) {
    EXPECT_EQ(words(strategy->restore(state->view(), {.seq = seq, .partial = false}, nullptr)),
              fmt::format("restored {}", seq));
    EXPECT_EQ(state->digest(), digests[seq]);
  }
  EXPECT_THAT(bench.observer().lines(),
              ::testing::IsSupersetOf({"retired 5 seq 5", "retired 1 seq 1"}));
}

TEST_P(Contract, RetainNeverDeletesEverything) {
  const auto state = small_state(1);
  const auto strategy = open();
  EXPECT_EQ(words(save_and_wait(*strategy, *state, 1)), "durable");
  EXPECT_FALSE(strategy->retain({}));
  EXPECT_FALSE(strategy->retain(std::vector<uint64_t>{7}));
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(1));
}

// The newest durable one goes only once a newer one is durable.
TEST_P(Contract, RetainNeverDeletesTheNewest) {
  const auto state = small_state(1);
  const auto strategy = open();
  for (const uint64_t step : {1, 2, 3}) {
    EXPECT_EQ(words(save_and_wait(*strategy, *state, step)), "durable");
  }
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(3, 2, 1));
  const std::vector<uint64_t> keep{1};
  ASSERT_TRUE(strategy->retain(keep));
  ASSERT_TRUE(strategy->drain());
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(3, 1));
  EXPECT_EQ(words(save_and_wait(*strategy, *state, 4)), "durable");
  ASSERT_TRUE(strategy->retain(std::vector<uint64_t>{1, 4}));
  ASSERT_TRUE(strategy->drain());
  const std::vector<uint64_t> left = seqs_of(strategy->list());
  EXPECT_THAT(left, ::testing::IsSupersetOf({4, 1}));
}

// The reader takes no number beyond 2^63 - 1.
TEST_P(Contract, WhatOurOwnReaderRefusesIsAFailedSave) {
  const auto state = small_state(1);
  const auto strategy = open();
  EXPECT_EQ(words(save_and_wait(*strategy, *state, 1)), "durable");
  const SaveOutcome outcome = save_and_wait(*strategy, *state, UINT64_MAX);
  EXPECT_THAT(words(outcome), HasSubstr("failed: checkpoint 2: not published"));
  EXPECT_THAT(seqs_of(strategy->list()), ElementsAre(1));
  EXPECT_EQ(words(strategy->restore(state->view(), {}, nullptr)), "restored 1");
}

TEST_P(Contract, DestructorWaitsForTheSaveInFlight) {
  const auto state = adversarial_state(1);
  open()->save(state->view(), {.step = 3, .contents = Contents::kFull, .metric = {}});
  EXPECT_EQ(words(open()->restore(state->view(), {}, nullptr)), "restored 3");
}

TEST_P(Contract, AStateWithoutBytesIsAStateToo) {
  ContractState empty;
  const auto strategy = open();
  EXPECT_EQ(words(save_and_wait(*strategy, empty, 1)), "durable");
  EXPECT_EQ(words(strategy->restore(empty.view(), {}, nullptr)), "restored 1");
}

INSTANTIATE_TEST_SUITE_P(Native, Contract, ::testing::ValuesIn(keeping_compositions()),
                         [](const auto& info) { return test_name(info.param); });
INSTANTIATE_TEST_SUITE_P(Composed, Contract, ::testing::ValuesIn(composed_samples()),
                         [](const auto& info) { return "Composed" + std::to_string(info.index); });

// The check itself is in every call of a strategy that ContractBench opens.
TEST(VectorState, IsLeftCleanByEveryStage) {
  const std::string hidden = why_vector_state_is_hidden();
  if (!hidden.empty()) GTEST_SKIP() << "vector state is not visible: " << hidden;
  for (const std::string& spec : specs_of_all_stages()) {
    ContractBench bench;
    const auto state = adversarial_state(1);
    const auto strategy = bench.open(spec);
    ASSERT_NE(strategy, nullptr) << spec;
    for (uint64_t step = 1; step <= 3; ++step) {
      strategy->before_update(state->view().tensors, {});
      state->fill("model.bias", step);
      EXPECT_EQ(words(save_and_wait(*strategy, *state, step)), "durable") << spec;
    }
    EXPECT_EQ(seqs_of(strategy->list()).size(), 3u) << spec;
    EXPECT_TRUE(strategy->retain(std::vector<uint64_t>{3})) << spec;
    EXPECT_TRUE(strategy->drain()) << spec;
    EXPECT_EQ(words(strategy->restore(state->view(), {}, nullptr)), "restored 3") << spec;
  }
}

}  // namespace
}  // namespace ckptbench
