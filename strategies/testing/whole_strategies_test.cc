// What CONTRIBUTING.md says about adding a whole strategy: one that nothing else in the project
// knows is listed, checked and made by its row alone. And what every whole strategy that keeps
// anything must do, whatever its files look like.
#include "strategies/whole_strategies.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "strategies/api/stage.h"
#include "strategies/testing/contract_samples.h"

namespace ckptbench {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

// One file, made anew by each save and renamed into place: the step, then the tensors' bytes.
class OneFile : public Strategy {
 public:
  OneFile(const StrategyContext& context, int64_t copies)
      : path_(context.directory + "/checkpoint"), copies_(copies) {}

  Ticket save(const StateView& state, const SaveRequest& request) override {
    std::string bytes(sizeof(request.step), '\0');
    std::memcpy(bytes.data(), &request.step, sizeof(request.step));
    for (const TensorView& tensor : stored(state)) {
      bytes.append(reinterpret_cast<const char*>(tensor.data), tensor.bytes);
    }
    Status written;
    for (int64_t i = 0; i < copies_ && written; ++i) {
      written = write_file_atomically(path_ + std::to_string(i), bytes, Sync::kYes);
    }
    outcomes_.push_back(written ? SaveOutcome(Durable{{.process = true, .power = true}})
                                : SaveOutcome(Failed{written.error().message}));
    return {.id = outcomes_.size()};
  }

  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point) override {
    return outcomes_.at(ticket.id - 1);
  }

  std::vector<CheckpointInfo> list() override { return {}; }

  RestoreOutcome restore(StateView& state, const Want& want, Replay*) override {
    if (want.seq) return Refused{"one file, without a number"};
    if (!std::filesystem::exists(path_ + "0")) return Nothing{};
    const auto bytes = read_file(path_ + "0");
    if (!bytes) return Refused{bytes.error().message};
    Restored restored;
    std::memcpy(&restored.step, bytes.value().data(), sizeof(restored.step));
    size_t at = sizeof(restored.step);
    for (const TensorView& tensor : stored(state)) {
      if (tensor.bytes > 0) std::memcpy(tensor.data, bytes.value().data() + at, tensor.bytes);
      at += tensor.bytes;
    }
    return restored;
  }

  Status retain(std::span<const uint64_t>) override { return {}; }

 private:
  static std::vector<TensorView> stored(const StateView& state) {
    std::vector<TensorView> tensors;
    std::ranges::copy_if(state.tensors, std::back_inserter(tensors),
                         [](const TensorView& tensor) { return !tensor.alias_of; });
    return tensors;
  }

  std::string path_;
  int64_t copies_;
  std::vector<SaveOutcome> outcomes_;  // index = ticket - 1
};

StrategyRow one_file_strategy() {
  return {.info = {.name = "one-file",
                   .summary = "one file, made anew by each save",
                   .survives = {.process = true, .power = true},
                   .opaque = true,
                   .background = false,
                   .retains = false,
                   .params = {whole_param("copies", "1", "how many equal files", 1, 9)}},
          .make = [](const StrategyContext& context, const Params& params) {
            return Result<std::unique_ptr<Strategy>>(
                std::unique_ptr<Strategy>(new OneFile(context, params.integer("copies"))));
          }};
}

std::vector<StrategyRow> with_one_more() {
  std::vector<StrategyRow> rows = whole_strategies();
  rows.push_back(one_file_strategy());
  return rows;
}

struct WholeBench {
  std::unique_ptr<Strategy> open(const std::string& name, const ParamText& params = {}) {
    auto made = make_native({name, params},
                            {*device, comm, observer, trace, directory.path(), "run"}, rows);
    if (made) return std::move(made).value();
    ADD_FAILURE() << made.error().message;
    return nullptr;
  }

  std::vector<StrategyRow> rows = with_one_more();
  TempDir directory = TempDir::make("ckptbench-whole").value();
  std::unique_ptr<Device> device = make_cpu_device();
  SoloComm comm;
  RecordingObserver observer;
  Trace trace;
};

TEST(AddedStrategy, IsListedFoundAndMadeByItsRowAlone) {
  WholeBench bench;
  std::vector<std::string> names;
  for (const StrategyInfo& info : native_strategies(bench.rows)) names.push_back(info.name);
  EXPECT_THAT(names, Contains("one-file"));
  EXPECT_THAT(names, Contains("sync")) << "presets are listed with it";

  const auto found = find_native({"one-file", {}}, bench.rows);
  ASSERT_TRUE(found);
  EXPECT_FALSE(found.value().background);
  EXPECT_EQ(found.value().params.at(0).name, "copies");
  EXPECT_THAT(find_native({"one-fiel", {}}, bench.rows).error().message,
              HasSubstr("did you mean 'one-file'?"));
  EXPECT_THAT(find_native({"one-fiel", {}}).error().message, Not(HasSubstr("one-file")));
  EXPECT_FALSE(find_native({"one-file", {}})) << "no list of the project has it";

  const auto state = small_state(1);
  save_and_wait(*bench.open("one-file", {{"copies", "3"}}), *state, 1);
  EXPECT_EQ(list_files(bench.directory.path()).value().size(), 3U) << "its parameter reaches it";
}

TEST(AddedStrategy, AWrongParameterIsRefused) {
  WholeBench bench;
  const auto made = make_native(
      {"one-file", {{"copies", "0"}}},
      {*bench.device, bench.comm, bench.observer, bench.trace, bench.directory.path(), "run"},
      bench.rows);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("one-file: copies = '0'"));
}

TEST(WholeStrategies, HaveNamesOfTheirOwnAndGoodDefaults) {
  std::vector<std::string> names;
  for (const StrategyInfo& info : native_strategies()) names.push_back(info.name);
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
  for (const StrategyRow& row : whole_strategies()) {
    EXPECT_FALSE(row.info.summary.empty()) << row.info.name;
    EXPECT_TRUE(Params::make(row.info.name, row.info.params, {})) << row.info.name;
    EXPECT_EQ(row.info.name.find_first_of("+@:"), std::string::npos) << row.info.name;
  }
}

std::vector<std::string> names_of_wholes() {
  std::vector<std::string> names;
  for (const StrategyRow& row : with_one_more()) names.push_back(row.info.name);
  return names;
}

class WholeContract : public testing::TestWithParam<std::string> {
 protected:
  const StrategyInfo info_ = find_native({GetParam(), {}}, with_one_more()).value();
  WholeBench bench_;
};

TEST_P(WholeContract, RestoresWhatItClaimsToKeep) {
  const auto state = adversarial_state(1);
  const Digest saved = state->digest();
  EXPECT_EQ(words(save_and_wait(*bench_.open(GetParam()), *state, 7)), "durable");
  state->fill(2);
  const RestoreOutcome outcome = bench_.open(GetParam())->restore(state->view(), {}, nullptr);
  if (info_.survives.process) {
    EXPECT_EQ(words(outcome), "restored 7");
    EXPECT_EQ(state->digest(), saved);
  } else {
    EXPECT_EQ(words(outcome), "nothing");
  }
}

TEST_P(WholeContract, FindsNothingInAnEmptyDirectory) {
  const auto state = small_state(1);
  EXPECT_EQ(words(bench_.open(GetParam())->restore(state->view(), {}, nullptr)), "nothing");
}

TEST_P(WholeContract, ClaimsTheSameInItsRowAndForASave) {
  const auto state = small_state(1);
  const SaveOutcome outcome = save_and_wait(*bench_.open(GetParam()), *state, 1);
  ASSERT_EQ(words(outcome), "durable");
  EXPECT_EQ(std::get<Durable>(outcome).survives, info_.survives);
}

TEST_P(WholeContract, WithoutBackgroundWorkASaveIsDecidedWhenItReturns) {
  const auto state = small_state(1);
  const auto strategy = bench_.open(GetParam());
  const Ticket ticket = strategy->save(state->view(), {.step = 1, .metric = {}});
  const SaveOutcome outcome = strategy->wait(ticket, {});
  if (!info_.background) {
    EXPECT_EQ(words(outcome), "durable");
  }
}

INSTANTIATE_TEST_SUITE_P(Native, WholeContract, testing::ValuesIn(names_of_wholes()),
                         [](const auto& info) { return test_name(info.param); });

}  // namespace
}  // namespace ckptbench
