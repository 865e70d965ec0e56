#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>
#include <tuple>

#include "strategies/broken/broken_list.h"
#include "strategies/broken/file_strategy.h"
#include "strategies/broken/testing/broken_one.h"
#include "strategies/testing/sample_state.h"

namespace ckptbench {
namespace {

Want newest() {
  return {.seq = {}};
}
SaveRequest request(uint64_t step) {
  return {.step = step, .metric = {}};
}

SaveOutcome save_and_wait(Strategy& strategy, SampleState& state, uint64_t step) {
  return strategy.wait(strategy.save(state.view(), request(step)), soon());
}

// One training step as the loop does it.
void train(Strategy& strategy, SampleState& state) {
  strategy.before_update(state.view().tensors, {});
  state.update();
}

Restored restored(RestoreOutcome outcome) {
  if (const Refused* refused = std::get_if<Refused>(&outcome)) {
    ADD_FAILURE() << "refused: " << refused->reason;
    return {};
  }
  if (std::holds_alternative<Nothing>(outcome)) {
    ADD_FAILURE() << "nothing";
    return {};
  }
  return std::get<Restored>(outcome);
}

TEST(Broken, EveryRowHasAnExpectationAndAPublicReport) {
  std::set<std::string> names;
  for (const BrokenRow& row : broken_rows()) {
    EXPECT_TRUE(row.source.starts_with("https://github.com/")) << row.name;
    EXPECT_TRUE(row.data.has_value() || row.finding.has_value()) << row.name;
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
  }
  EXPECT_TRUE(std::ranges::all_of(broken_strategies(), &StrategyInfo::broken));
}

TEST(Broken, UnknownNamesAndParametersAreOneLineWithNearNames) {
  StrategyBench bench;
  EXPECT_EQ(find_broken("broken-no-rgn").error().message,
            "unknown strategy 'broken-no-rgn'; did you mean 'broken-no-rng'?");
  EXPECT_EQ(make_broken({"broken-no-rng", {{"keep", "3"}}}, bench.context()).error().message,
            "broken-no-rng takes no parameters, got 'keep'");
}

// What they share is right: the flaws below are theirs alone.
TEST(FileStrategy, RestoresTheNewestBitByBit) {
  StrategyBench bench;
  SampleState state(1);
  FileStrategy strategy(bench.context());
  save_and_wait(strategy, state, 3);
  state.update();
  EXPECT_TRUE(std::holds_alternative<Durable>(save_and_wait(strategy, state, 5)));
  const Digest saved = state.digest();
  SampleState other(2);
  FileStrategy fresh(bench.context());
  EXPECT_EQ(restored(fresh.restore(other.view(), newest(), nullptr)).step, 5U);
  EXPECT_EQ(other.digest(), saved);
  EXPECT_EQ(bench.observer.durable_steps, (std::vector<uint64_t>{3, 5}));
}

TEST(FileStrategy, FallsBackPastADamagedFileAndSaysSo) {
  StrategyBench bench;
  SampleState state(1);
  FileStrategy strategy(bench.context());
  save_and_wait(strategy, state, 3);
  const Digest first = state.digest();
  state.update();
  save_and_wait(strategy, state, 5);
  std::filesystem::resize_file(bench.directory() / "checkpoint-2.bin", 300);
  const Restored found = restored(strategy.restore(state.view(), newest(), nullptr));
  EXPECT_EQ(found.step, 3U);
  EXPECT_EQ(found.passed_over.size(), 1U);
  EXPECT_EQ(state.digest(), first);
  EXPECT_EQ(strategy.list().size(), 1U);
}

TEST(FileStrategy, RefusesWrongNamesAndEveryCutOfTheFile) {
  StrategyBench bench;
  SampleState state(1);
  FileStrategy strategy(bench.context());
  save_and_wait(strategy, state, 3);
  SampleState renamed(1);
  renamed.view().tensors[0].name = "layer.9.weight";
  const RestoreOutcome outcome = strategy.restore(renamed.view(), newest(), nullptr);
  EXPECT_THAT(std::get<Refused>(outcome).reason, testing::HasSubstr("layer.9.weight"));
  const auto file = bench.directory() / "checkpoint-1.bin";
  for (auto size = std::filesystem::file_size(file); size > 0; size -= std::min(size, 7UL)) {
    std::filesystem::resize_file(file, size - 1);
    const RestoreOutcome cut = strategy.restore(state.view(), newest(), nullptr);
    ASSERT_TRUE(std::holds_alternative<Refused>(cut)) << size;
    --size;
  }
}

TEST(FileStrategy, RetainReportsBeforeItDeletes) {
  StrategyBench bench;
  SampleState state(1);
  FileStrategy strategy(bench.context());
  for (uint64_t step = 1; step <= 3; ++step) save_and_wait(strategy, state, step);
  const std::vector<uint64_t> kept{3};
  EXPECT_TRUE(strategy.retain(kept).ok());
  EXPECT_EQ(bench.observer.retired_steps, (std::vector<uint64_t>{2, 1}));
  EXPECT_EQ(strategy.list().size(), 1U);
}

// Saves once more in a child whose files may not grow beyond `bytes`: the kernel kills it in the
// middle of a write, which is what a SIGKILL there leaves behind.
void save_until_killed(Strategy& strategy, SampleState& state, uint64_t step, uint64_t bytes) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit limit{bytes, bytes};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    ::signal(SIGXFSZ, SIG_DFL);
    save_and_wait(strategy, state, step);
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ) << status;
}

uint64_t largest_file_bytes(const StrategyBench& bench) {
  uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(bench.directory())) {
    bytes = std::max<uint64_t>(bytes, entry.file_size());
  }
  return bytes;
}

struct Killed {
  RestoreOutcome outcome;
  bool restored_first = false;
};

std::unique_ptr<Strategy> make_or_right_one(const std::string& name, StrategyBench& bench) {
  if (!name.empty()) return make_broken_one(name, bench);
  return std::make_unique<FileStrategy>(bench.context());
}

// One good save, then one that is killed when three quarters are written, then a restore.
Killed kill_second_save(const std::string& name) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make_or_right_one(name, bench);
  save_and_wait(*strategy, state, 2);
  const Digest first = state.digest();
  train(*strategy, state);
  save_until_killed(*strategy, state, 4, largest_file_bytes(bench) * 3 / 4);
  Killed killed{make_or_right_one(name, bench)->restore(state.view(), newest(), nullptr), false};
  killed.restored_first = state.digest() == first;
  return killed;
}

TEST(Flaw, TheRightOneSurvivesAKillInAWrite) {
  const Killed killed = kill_second_save("");
  EXPECT_EQ(restored(killed.outcome).step, 2U);
  EXPECT_TRUE(killed.restored_first);
}

TEST(Flaw, InPlaceAndEarlyRenameLoseTheOnlyFile) {
  for (const std::string name : {"broken-in-place", "broken-early-rename"}) {
    EXPECT_TRUE(std::holds_alternative<Refused>(kill_second_save(name).outcome)) << name;
  }
}

TEST(Flaw, RetireEarlyLeavesNothing) {
  EXPECT_TRUE(std::holds_alternative<Nothing>(kill_second_save("broken-retire-early").outcome));
}

// The file has its full size from the start, so a limit would hit that; this is what a kill before
// the third write leaves, but at the other end.
TEST(Flaw, NoVerifyRestoresZerosWithoutAWord) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make_broken_one("broken-no-verify", bench);
  save_and_wait(*strategy, state, 2);
  const auto file = bench.directory() / "checkpoint-1.bin";
  const auto size = std::filesystem::file_size(file);
  std::filesystem::resize_file(file, size - 200);
  std::filesystem::resize_file(file, size);
  const Digest saved = state.digest();
  EXPECT_EQ(restored(strategy->restore(state.view(), newest(), nullptr)).step, 2U);
  EXPECT_NE(state.digest(), saved);
  FileStrategy right(bench.context());
  EXPECT_TRUE(std::holds_alternative<Refused>(right.restore(state.view(), newest(), nullptr)));
}

// Those that restore what they saved, as long as nothing happens in between.
TEST(Flaw, MostWorkWhenNothingBreaks) {
  for (const std::string name : {"broken-in-place", "broken-early-rename", "broken-live-reference",
                                 "broken-early-ack", "broken-no-verify", "broken-retire-early",
                                 "broken-leak", "broken-leak-heap", "broken-mutating"}) {
    StrategyBench bench;
    SampleState state(1);
    const auto strategy = make_broken_one(name, bench);
    for (uint64_t step = 1; step <= 3; ++step) {
      train(*strategy, state);
      EXPECT_TRUE(std::holds_alternative<Durable>(save_and_wait(*strategy, state, step))) << name;
    }
    const Digest saved = state.digest();
    EXPECT_EQ(bench.observer.durable_steps, (std::vector<uint64_t>{1, 2, 3})) << name;
    SampleState other(2);
    EXPECT_EQ(restored(make_broken_one(name, bench)->restore(other.view(), newest(), nullptr)).step,
              3U);
    EXPECT_EQ(other.digest(), saved) << name;
  }
}

TEST(Flaw, LiveReferenceMixesTwoStepsEveryTime) {
  for (int attempt = 0; attempt < 20; ++attempt) {
    StrategyBench bench;
    SampleState state(1);
    const auto strategy = make_broken_one("broken-live-reference", bench);
    const auto first_old = state.copy_of("layer.0.weight");
    const auto last_old = state.copy_of("layer.1.half");
    const Ticket ticket = strategy->save(state.view(), request(1));
    EXPECT_TRUE(std::holds_alternative<Pending>(strategy->wait(ticket, {})));
    train(*strategy, state);
    const auto last_new = state.copy_of("layer.1.half");
    ASSERT_NE(last_old, last_new);
    EXPECT_TRUE(std::holds_alternative<Durable>(strategy->wait(ticket, {})));
    restored(strategy->restore(state.view(), newest(), nullptr));
    EXPECT_EQ(state.copy_of("layer.0.weight"), first_old);
    EXPECT_EQ(state.copy_of("layer.1.half"), last_new);
  }
}

TEST(Flaw, LiveReferenceNeedsNoWaitToMix) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make_broken_one("broken-live-reference", bench);
  strategy->save(state.view(), request(1));
  train(*strategy, state);
  const auto last_new = state.copy_of("layer.1.half");
  train(*strategy, state);
  EXPECT_EQ(bench.observer.durable_steps, std::vector<uint64_t>{1});
  restored(strategy->restore(state.view(), newest(), nullptr));
  EXPECT_EQ(state.copy_of("layer.1.half"), last_new);
}

TEST(Flaw, LeftOutTensorsStayAsTheyWere) {
  for (const auto& [name, lost, kept] :
       {std::tuple{"broken-no-optimizer", "moment1/layer.0.weight", "rng"},
        std::tuple{"broken-no-rng", "rng", "moment1/layer.0.weight"}}) {
    StrategyBench bench;
    SampleState state(1);
    const auto strategy = make_broken_one(name, bench);
    save_and_wait(*strategy, state, 1);
    SampleState other(2);
    const auto initial = other.copy_of(lost);
    EXPECT_TRUE(restored(strategy->restore(other.view(), newest(), nullptr)).missing.empty());
    EXPECT_EQ(other.copy_of(lost), initial);
    EXPECT_EQ(other.copy_of(kept), state.copy_of(kept));
    EXPECT_EQ(other.copy_of("layer.1.weight"), state.copy_of("layer.1.weight"));
  }
}

TEST(Flaw, EarlyAckSpeaksBeforeItWrites) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make_broken_one("broken-early-ack", bench);
  std::filesystem::create_directory(bench.directory() / "checkpoint-1.bin.tmp");
  EXPECT_TRUE(std::holds_alternative<Failed>(save_and_wait(*strategy, state, 1)));
  EXPECT_EQ(bench.observer.durable_steps, std::vector<uint64_t>{1});
}

TEST(Flaw, MutatingChangesTheLiveParameters) {
  StrategyBench bench;
  SampleState state(1);
  const Digest before = state.digest();
  save_and_wait(*make_broken_one("broken-mutating", bench), state, 1);
  EXPECT_NE(state.digest(), before);
}

size_t entries(const std::filesystem::path& directory) {
  const std::filesystem::directory_iterator all(directory);
  return static_cast<size_t>(std::distance(begin(all), end(all)));
}

TEST(Flaw, LeakKeepsADescriptorAndAFilePerSave) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make_broken_one("broken-leak", bench);
  const size_t descriptors = entries("/proc/self/fd");
  for (uint64_t step = 1; step <= 5; ++step) save_and_wait(*strategy, state, step);
  EXPECT_EQ(entries("/proc/self/fd"), descriptors + 5);
  const std::vector<uint64_t> kept{5};
  EXPECT_TRUE(strategy->retain(kept).ok());
  EXPECT_EQ(entries(bench.directory()), 6U);
}

TEST(Flaw, LeakOfTheHeapKeepsNothingElse) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make_broken_one("broken-leak-heap", bench);
  const size_t descriptors = entries("/proc/self/fd");
  for (uint64_t step = 1; step <= 3; ++step) save_and_wait(*strategy, state, step);
  EXPECT_EQ(entries("/proc/self/fd"), descriptors);
  EXPECT_EQ(entries(bench.directory()), 3U);
}

TEST(Flaw, RaisesInTheSecondSave) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make_broken_one("broken-raises", bench);
  save_and_wait(*strategy, state, 1);
  EXPECT_THROW(save_and_wait(*strategy, state, 2), std::runtime_error);
}

TEST(Flaw, RestartFindsNothing) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make_broken_one("broken-restart", bench);
  save_and_wait(*strategy, state, 1);
  EXPECT_EQ(bench.observer.durable_steps, std::vector<uint64_t>{1});
  const RestoreOutcome outcome = strategy->restore(state.view(), newest(), nullptr);
  EXPECT_TRUE(std::holds_alternative<Nothing>(outcome));
}

// The child says when a save is done. After the first it must sleep for good: a correct strategy
// would say so again at once.
TEST(Flaw, HangNeverReturnsFromTheSecondSave) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make_broken_one("broken-hang", bench);
  int pipe[2];
  ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    for (uint64_t step = 1; step <= 2; ++step) {
      save_and_wait(*strategy, state, step);
      if (::write(pipe[1], "x", 1) != 1) ::_exit(1);
    }
    ::_exit(0);
  }
  ::close(pipe[1]);
  char said = 0;
  ASSERT_EQ(::read(pipe[0], &said, 1), 1);
  pollfd more{pipe[0], POLLIN, 0};
  EXPECT_EQ(::poll(&more, 1, 300), 0) << "the second save returned, or the child died";
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(pipe[0]);
}

}  // namespace
}  // namespace ckptbench
