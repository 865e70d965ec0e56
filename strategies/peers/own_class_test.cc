// A user's own Python class: what it is given, and what becomes of its answers and exceptions.
#include "strategies/peers/testing/own_class.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>

namespace ckptbench {
namespace {

using testing::HasSubstr;

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
  const RestoreOutcome outcome =
      make({name, {}}, bench_)->restore(state_.view(), {.seq = 1}, nullptr);
  EXPECT_THAT(reason(outcome), HasSubstr("no parameter 'step'"));
  EXPECT_TRUE(std::get<Refused>(outcome).newest_only);
}

TEST_F(OwnClass, ThatTakesAStepAndRefusesItIsNotExcused) {
  const std::string name = write(R"(
class Mine:
    def __init__(self, directory): pass
    def save(self, state, step): pass
    def list(self): return [1]
    def restore(self, step=None): raise KeyError(step)
)");
  const RestoreOutcome outcome =
      make({name, {}}, bench_)->restore(state_.view(), {.seq = 1}, nullptr);
  EXPECT_FALSE(std::get<Refused>(outcome).newest_only);
}

constexpr const char* kRetaining = R"(
    def __init__(self, directory): pass
    def save(self, state, step): pass
    def restore(self): return None
)";

TEST_F(OwnClass, ARetainThatItInheritsInItsFileIsJudged) {
  const std::string name = write(std::string(R"(
class Base:
    def retain(self, steps): raise OSError(13, f"told {steps}")
class Mine(Base):)") + kRetaining);
  EXPECT_TRUE(find_peer(name).value().retains);
  const Status retained = open(name)->retain(std::vector<uint64_t>{4, 6});
  EXPECT_THAT(retained.error().message, HasSubstr("told [4, 6]"));
}

// One that is called and not judged would leave the record saying that there is none.
TEST_F(OwnClass, ARetainThatItsTextDoesNotShowIsRefused) {
  const std::string elsewhere = write(std::string(R"(
Base = type("Base", (), {"retain": lambda self, steps: None})
class Mine(Base):)") + kRetaining);
  EXPECT_FALSE(find_peer(elsewhere).value().retains);
  EXPECT_EQ(make_peer({elsewhere, {}}, bench_.context()).error().message,
            elsewhere +
                ": the object has a retain(), but the text of class Mine says otherwise; expected "
                "`def retain(self, steps)` in its body, or in that of a base in its file");
  const std::string deleted = write(std::string("class Mine:") + kRetaining +
                                    "    def retain(self, steps): pass\n    del retain\n");
  EXPECT_THAT(make_peer({deleted, {}}, bench_.context()).error().message,
              HasSubstr("the object has no retain()"));
}

TEST_F(OwnClass, WeightsOnlyIsSkippedWithAWarning) {
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
