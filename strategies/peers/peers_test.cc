#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>

#include "strategies/peers/peer_list.h"
#include "strategies/testing/sample_state.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;

std::unique_ptr<Strategy> make(const Selection& selection, StrategyBench& bench) {
  auto made = make_peer(selection, bench.context());
  if (!made) throw std::runtime_error(made.error().message);
  return std::move(made).value();
}

Want newest() {
  return {.seq = {}};
}

std::string reason(const RestoreOutcome& outcome) {
  if (const Refused* refused = std::get_if<Refused>(&outcome)) return refused->reason;
  return std::holds_alternative<Nothing>(outcome) ? "(nothing)" : "(restored)";
}

std::string reason(const SaveOutcome& outcome) {
  if (const Failed* failed = std::get_if<Failed>(&outcome)) return failed->reason;
  return outcome.index() == 0 ? "(pending)" : "(not failed)";
}

class EveryPeer : public testing::TestWithParam<std::string> {};

TEST_P(EveryPeer, RoundTripIsExactAndTheNewestWins) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make({GetParam(), {}}, bench);
  EXPECT_EQ(reason(strategy->restore(state.view(), newest(), nullptr)), "(nothing)");
  for (uint64_t step = 9; step <= 11; ++step) {
    const Ticket ticket = save(*strategy, state, step);
    const Digest saved = state.digest();
    state.update();
    ASSERT_EQ(reason(strategy->wait(ticket, soon())), "(not failed)");
    SampleState other(2);
    const auto fresh = make({GetParam(), {}}, bench);
    const RestoreOutcome outcome = fresh->restore(other.view(), newest(), nullptr);
    ASSERT_EQ(reason(outcome), "(restored)") << reason(outcome);
    EXPECT_EQ(std::get<Restored>(outcome).step, step);
    EXPECT_EQ(other.digest(), saved);
  }
  EXPECT_EQ(bench.observer.captured_steps, (std::vector<uint64_t>{9, 10, 11}));
  EXPECT_EQ(bench.observer.durable_steps, (std::vector<uint64_t>{9, 10, 11}));
}

TEST_P(EveryPeer, RefusesOtherNamesAndShapes) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make({GetParam(), {}}, bench);
  strategy->wait(save(*strategy, state, 4), soon());
  SampleState renamed(1);
  renamed.view().tensors[1].name = "layer.9.bias";
  EXPECT_EQ(reason(strategy->restore(renamed.view(), newest(), nullptr)),
            "missing in the checkpoint: 'layer.9.bias'; unexpected: 'layer.0.bias'");
  const RestoreOutcome partial =
      strategy->restore(renamed.view(), {.seq = {}, .partial = true}, nullptr);
  EXPECT_EQ(std::get<Restored>(partial).missing, std::vector<std::string>{"layer.9.bias"});
  EXPECT_EQ(std::get<Restored>(partial).unexpected, std::vector<std::string>{"layer.0.bias"});
  SampleState reshaped(1);
  reshaped.view().tensors[1].shape = {1, 7};
  EXPECT_EQ(reason(strategy->restore(reshaped.view(), newest(), nullptr)),
            "'layer.0.bias' is Float [7], expected Float [1, 7]");
}

// Whatever a cut file makes of it, it is an answer and no crash; a short one is never accepted.
TEST_P(EveryPeer, RefusesCutFiles) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make({GetParam(), {}}, bench);
  strategy->wait(save(*strategy, state, 4), soon());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(bench.directory())) {
    if (!entry.is_regular_file()) continue;
    std::filesystem::resize_file(entry.path(), entry.file_size() / 2);
  }
  const std::string answer = reason(strategy->restore(state.view(), newest(), nullptr));
  EXPECT_NE(answer, "(restored)");
  EXPECT_NE(answer, "(nothing)");
  EXPECT_EQ(answer.find('\n'), std::string::npos) << answer;
}

INSTANTIATE_TEST_SUITE_P(Peers, EveryPeer,
                         testing::Values("torch-save", "python:torch_save",
                                         "python:torch_save_durable", "python:safetensors",
                                         "python:dcp", "python:dcp_async"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace_if(
                               name.begin(), name.end(), [](char c) { return !std::isalnum(c); },
                               '_');
                           return name;
                         });

TEST(TorchSave, AFailedSaveIsAValueAndTheNextOneWorks) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make({"torch-save", {}}, bench);
  std::filesystem::create_directory(bench.directory() / "checkpoint.pt");
  EXPECT_THAT(reason(strategy->wait(save(*strategy, state, 1), soon())),
              HasSubstr("checkpoint.pt"));
  std::filesystem::remove(bench.directory() / "checkpoint.pt");
  EXPECT_EQ(reason(strategy->wait(save(*strategy, state, 2), soon())), "(not failed)");
  EXPECT_EQ(bench.observer.failed_steps, std::vector<uint64_t>{1});
  EXPECT_EQ(strategy->list().at(0).step, 2U);
}

TEST(TorchSave, WeightsGoToAFileOfTheirOwn) {
  StrategyBench bench;
  SampleState state(1);
  const auto strategy = make({"torch-save", {}}, bench);
  strategy->save(state.view(), {.step = 6, .contents = Contents::kWeights, .metric = {}});
  SampleState other(2);
  EXPECT_EQ(reason(strategy->restore(other.view(), newest(), nullptr)), "(nothing)");
  const RestoreOutcome outcome =
      strategy->restore(other.view(), {.seq = {}, .partial = true}, nullptr);
  EXPECT_EQ(std::get<Restored>(outcome).missing.size(), 8U);
  EXPECT_EQ(other.copy_of("layer.1.weight"), state.copy_of("layer.1.weight"));
  EXPECT_NE(other.copy_of("rng"), state.copy_of("rng"));
}

TEST(Registry, NamesAreCheckedBeforeAnythingRuns) {
  StrategyBench bench;
  EXPECT_EQ(find_peer("torch-svae").error().message,
            "unknown strategy 'torch-svae'; did you mean 'torch-save'?");
  EXPECT_EQ(find_peer("python:torch_svae").error().message,
            "unknown strategy 'python:torch_svae'; did you mean 'python:torch_save'?");
  EXPECT_THAT(find_peer("python:no/such.py:Mine").error().message,
              HasSubstr("no/such.py: cannot be opened"));
  EXPECT_THAT(find_peer("python:mine.py").error().message,
              HasSubstr("expected python:FILE.py:Class"));
  EXPECT_EQ(make_peer({"torch-save", {{"keep", "2"}}}, bench.context()).error().message,
            "torch-save takes no parameters, got 'keep'");
  EXPECT_EQ(
      make_peer({"python:dcp_async", {{"exector", "thread"}}}, bench.context()).error().message,
      "unknown parameter of python:dcp_async 'exector'; did you mean 'executor'?");
}

TEST(Registry, APythonPeersParametersAreThoseOfItsConstructor) {
  const StrategyInfo info = find_peer("python:dcp_async").value();
  ASSERT_EQ(info.params.size(), 1U);
  EXPECT_EQ(info.params[0].name, "executor");
  EXPECT_EQ(info.params[0].default_value, "thread");
  EXPECT_EQ(info.params[0].type, ParamType::kText);
}

TEST(Registry, ShippedPeersNameTheirDocumentation) {
  for (const StrategyInfo& info : peer_strategies()) {
    EXPECT_TRUE(info.source.starts_with("https://")) << info.name;
    EXPECT_TRUE(info.opaque && info.needs_torch) << info.name;
    EXPECT_FALSE(info.summary.empty()) << info.name;
  }
}

// A user's own file.
class OwnClass : public testing::Test {
 protected:
  std::string write(const std::string& text) {
    const std::string path = files_.directory() / ("own" + std::to_string(++count_) + ".py");
    std::ofstream(path) << text;
    return "python:" + path + ":Mine";
  }

  StrategyBench bench_;
  StrategyBench files_;
  SampleState state_{1};

 private:
  int count_ = 0;
};

TEST_F(OwnClass, TenLinesAreAStrategy) {
  const std::string name = write(R"(
import os, torch
class Mine:
    def __init__(self, directory, name="x.pt", factor: float = 2.0, flag=False, count=3):
        assert (name, factor, flag, count) == ("mine.pt", 0.5, True, 7)
        self.path = os.path.join(directory, name)
    def save(self, state, step):
        torch.save((state, step), self.path)
    def restore(self):
        return torch.load(self.path) if os.path.exists(self.path) else None)");
  const auto strategy = make(
      {name, {{"name", "mine.pt"}, {"factor", "0.5"}, {"flag", "true"}, {"count", "7"}}}, bench_);
  save(*strategy, state_, 12);
  EXPECT_EQ(bench_.observer.durable_steps, std::vector<uint64_t>{12});
  SampleState other(2);
  EXPECT_EQ(std::get<Restored>(strategy->restore(other.view(), newest(), nullptr)).step, 12U);
  EXPECT_EQ(other.digest(), state_.digest());
}

TEST_F(OwnClass, SeesTheVeryTensorsAndTheirAliases) {
  const std::string name = write(R"(
class Mine:
    def __init__(self, directory): pass
    def save(self, state, step):
        assert state["tied.weight"].data_ptr() == state["layer.0.weight"].data_ptr()
        state["order"][3] = 4321
    def restore(self): return None
)");
  const auto strategy = make({name, {}}, bench_);
  ASSERT_EQ(reason(strategy->wait(save(*strategy, state_, 1), soon())), "(not failed)");
  int32_t seen = 0;
  std::memcpy(&seen, state_.copy_of("order").data() + 12, sizeof seen);
  EXPECT_EQ(seen, 4321);
}

TEST_F(OwnClass, AnExceptionFailsTheSaveAndEverySaveUnderWay) {
  const std::string name = write(R"(
class Mine:
    background = True
    def __init__(self, directory): pass
    def save(self, state, step):
        if step == 3: raise OSError(28, "No space left on device")
    def wait(self): pass
    def done(self): return False
    def restore(self): raise ValueError("torn\nsecond line")
)");
  const auto strategy = make({name, {}}, bench_);
  const Ticket before = save(*strategy, state_, 2);
  EXPECT_EQ(reason(strategy->wait(before, {})), "(pending)");
  const Ticket failing = save(*strategy, state_, 3);
  const Ticket after = save(*strategy, state_, 4);
  EXPECT_EQ(reason(strategy->wait(failing, {})),
            "OSError: [Errno 28] No space left on device (own1.py:6, in save)");
  EXPECT_EQ(reason(strategy->wait(after, soon())), "(not failed)");
  EXPECT_EQ(bench_.observer.failed_steps, (std::vector<uint64_t>{2, 3}));
  EXPECT_EQ(bench_.observer.durable_steps, std::vector<uint64_t>{4});
  EXPECT_EQ(reason(strategy->restore(state_.view(), newest(), nullptr)),
            "ValueError: torn (own1.py:9, in restore)");
}

TEST_F(OwnClass, WrongAnswersAreRefusedWithWhatWasExpected) {
  const std::string name = write(R"(
class Mine:
    def __init__(self, directory, answer=0): self.answer = answer
    def save(self, state, step): pass
    def restore(self): return [7, ({}, "3"), ({"a": 1}, 3)][self.answer]
)");
  const std::string expected = "restore() must return (dict of tensors, step) or None";
  for (const auto& [answer, suffix] :
       std::map<std::string, std::string>{{"0", ""}, {"1", ""}, {"2", "; 'a' is no tensor"}}) {
    const auto strategy = make({name, {{"answer", answer}}}, bench_);
    EXPECT_EQ(reason(strategy->restore(state_.view(), newest(), nullptr)), expected + suffix);
  }
}

TEST_F(OwnClass, WhatCannotBeConstructedIsOneLine) {
  const std::string name = write(R"(
class Other:
    pass
class Mine:
    survives = "process,power"
    def __init__(self, directory, size=1):
        raise TypeError("size must be even")
)");
  EXPECT_EQ(make_peer({name, {}}, bench_.context()).error().message,
            name + ": TypeError: size must be even (own1.py:7, in __init__)");
  EXPECT_EQ(find_peer(name).value().survives, (Survives{.process = true, .power = true}));
  const std::string wrong = name.substr(0, name.size() - 4) + "Othr";
  EXPECT_THAT(find_peer(wrong).error().message, HasSubstr("did you mean 'Other'?"));
  EXPECT_THAT(
      make_peer({write("import no_such_module\nclass Mine:\n  pass\n"), {}}, bench_.context())
          .error()
          .message,
      HasSubstr("ModuleNotFoundError: No module named 'no_such_module'"));
}

TEST_F(OwnClass, ListsAndRetainsWhenItOffersTo) {
  const std::string name = write(R"(
class Mine:
    def __init__(self, directory): self.steps = []
    def save(self, state, step): self.steps.insert(0, step)
    def list(self): return self.steps
    def retain(self, steps): self.steps = [s for s in self.steps if s in steps]
    def restore(self): return None
)");
  const auto strategy = make({name, {}}, bench_);
  for (uint64_t step = 1; step <= 4; ++step) save(*strategy, state_, step);
  ASSERT_EQ(strategy->list().size(), 4U);
  EXPECT_EQ(strategy->list().front().step, 4U);
  const std::vector<uint64_t> kept{strategy->list()[0].seq, strategy->list()[2].seq};
  EXPECT_TRUE(strategy->retain(kept).ok());
  ASSERT_EQ(strategy->list().size(), 2U);
  EXPECT_EQ(strategy->list()[1].step, 2U);
}

TEST_F(OwnClass, RestoresByStepWhenItOffersTo) {
  const std::string name = write(R"(
import torch
class Mine:
    def __init__(self, directory): self.saved = {}
    def save(self, state, step): self.saved[step] = {n: t.clone() for n, t in state.items()}
    def list(self): return sorted(self.saved, reverse=True)
    def restore(self, step=None):
        if step is None: raise ValueError("the newest is torn")
        return self.saved[step], step
)");
  const auto strategy = make({name, {}}, bench_);
  save(*strategy, state_, 2);
  const Digest second = state_.digest();
  state_.update();
  save(*strategy, state_, 4);
  EXPECT_EQ(reason(strategy->restore(state_.view(), newest(), nullptr)),
            "ValueError: the newest is torn (own1.py:8, in restore)");
  const RestoreOutcome older = strategy->restore(state_.view(), {.seq = 2}, nullptr);
  ASSERT_TRUE(std::holds_alternative<Restored>(older)) << reason(older);
  EXPECT_EQ(std::get<Restored>(older).step, 2U);
  EXPECT_EQ(std::get<Restored>(older).seq, 2U);
  EXPECT_EQ(state_.digest(), second);
  EXPECT_EQ(reason(strategy->restore(state_.view(), {.seq = 3}, nullptr)),
            "KeyError: 3 (own1.py:9, in restore)");
}

TEST_F(OwnClass, CannotBeAskedForAStepThatItDoesNotTake) {
  const std::string name = write(R"(
class Mine:
    def __init__(self, directory): pass
    def save(self, state, step): pass
    def list(self): return [1]
    def restore(self): return None
)");
  EXPECT_THAT(reason(make({name, {}}, bench_)->restore(state_.view(), {.seq = 1}, nullptr)),
              HasSubstr("no parameter 'step'"));
}

TEST_F(OwnClass, WeightsOnlyIsSkippedAloud) {
  const std::string name = write(R"(
class Mine:
    def __init__(self, directory): pass
    def save(self, state, step): raise RuntimeError("must not be called")
    def restore(self): return None
)");
  const auto strategy = make({name, {}}, bench_);
  const Ticket ticket =
      strategy->save(state_.view(), {.step = 1, .contents = Contents::kWeights, .metric = {}});
  EXPECT_TRUE(std::holds_alternative<Skipped>(strategy->wait(ticket, soon())));
}

// Trials fork from a process that may have imported torch already.
TEST(Fork, AChildOfAWarmProcessSavesAndRestores) {
  ASSERT_TRUE(warm_python().ok());
  for (const std::string name : {"python:torch_save", "python:dcp_async"}) {
    StrategyBench bench;
    SampleState state(1);
    const pid_t child = ::fork();
    if (child == 0) {
      const auto strategy = make({name, {}}, bench);
      const SaveOutcome outcome = strategy->wait(save(*strategy, state, 5), soon());
      ::_exit(std::holds_alternative<Durable>(outcome) ? 7 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 7) << name;
    SampleState other(2);
    const RestoreOutcome outcome =
        make({name, {}}, bench)->restore(other.view(), newest(), nullptr);
    EXPECT_EQ(std::get<Restored>(outcome).step, 5U);
    EXPECT_EQ(other.digest(), state.digest());
  }
}

// A thread of a class must be able to run while C++ trains: the GIL is free between calls.
TEST_F(OwnClass, ItsThreadsRunWhileTrainingHoldsNoGil) {
  const std::string name = write(R"(
import os, threading
class Mine:
    background = True
    def __init__(self, directory): self.path = os.path.join(directory, "fifo")
    def save(self, state, step):
        os.mkfifo(self.path)
        self.thread = threading.Thread(target=lambda: open(self.path, "w").write("x"))
        self.thread.start()
    def wait(self): self.thread.join()
    def done(self): return not self.thread.is_alive()
    def restore(self): return None)");
  const auto strategy = make({name, {}}, bench_);
  const Ticket ticket = save(*strategy, state_, 1);
  std::ifstream fifo(bench_.directory() / "fifo");
  EXPECT_EQ(fifo.get(), 'x');
  EXPECT_EQ(reason(strategy->wait(ticket, soon())), "(not failed)");
}

}  // namespace
}  // namespace ckptbench
