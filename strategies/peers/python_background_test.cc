// When a Python class's save is acknowledged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "strategies/peers/testing/own_class.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;

class Background : public OwnClass {};

TEST_F(Background, WithoutBackgroundWorkTheReturnOfSaveIsTheAcknowledgement) {
  const std::string name = write(R"(
class Mine:
    def __init__(self, directory): pass
    def save(self, state, step): pass
    def wait(self): raise OSError(5, "Input/output error")
    def restore(self): return None
)");
  EXPECT_FALSE(find_peer(name).value().background);
  const auto strategy = open(name);
  const Ticket ticket = save(*strategy, state_, 2);
  EXPECT_EQ(bench_.observer.durable_steps, std::vector<uint64_t>{2});
  EXPECT_EQ(reason(strategy->wait(ticket, {})), "(not failed)");
  EXPECT_EQ(reason(strategy->wait(ticket, soon())),
            "OSError: [Errno 5] Input/output error (own1.py:5, in wait)");
  EXPECT_TRUE(bench_.observer.failed_steps.empty()) << "wait() contradicts, it takes nothing back";
}

TEST_F(Background, BackgroundWorkIsAcknowledgedByWaitAlone) {
  const std::string name = write(R"(
class Mine:
    background = True
    def __init__(self, directory): self.polls = 0
    def save(self, state, step): pass
    def done(self):
        self.polls += 1
        return self.polls > 1
    def wait(self): pass
    def restore(self): return None
)");
  EXPECT_TRUE(find_peer(name).value().background);
  const auto strategy = open(name);
  const Ticket ticket = save(*strategy, state_, 2);
  EXPECT_TRUE(bench_.observer.durable_steps.empty());
  EXPECT_EQ(reason(strategy->wait(ticket, {})), "(pending)");
  EXPECT_EQ(reason(strategy->wait(ticket, {})), "(not failed)");
  EXPECT_EQ(bench_.observer.durable_steps, std::vector<uint64_t>{2});
}

TEST_F(Background, DurableTellsOverlappingSavesApart) {
  const auto strategy = open(write(R"(
class Mine:
    background = True
    def __init__(self, directory): self.saved = []
    def save(self, state, step): self.saved.append(step)
    def done(self): return False
    def durable(self): return self.saved[-2] if len(self.saved) > 1 else None
    def wait(self): pass
    def restore(self): return None
)"));
  const Ticket first = save(*strategy, state_, 2);
  EXPECT_EQ(reason(strategy->wait(first, {})), "(pending)");
  const Ticket second = save(*strategy, state_, 4);
  EXPECT_EQ(bench_.observer.durable_steps, std::vector<uint64_t>{2}) << "asked when save returned";
  EXPECT_EQ(reason(strategy->wait(first, {})), "(not failed)");
  EXPECT_EQ(reason(strategy->wait(second, {})), "(pending)");
}

// durable() names the newest: an older one that list() does not name was dropped for it.
TEST_F(Background, WhatANewerSaveReplacedIsNoCheckpoint) {
  const auto strategy = open(write(R"(
class Mine:
    background = True
    def __init__(self, directory): self.saved = []
    def save(self, state, step): self.saved.append(step)
    def done(self): return False
    def durable(self): return self.saved[-1] if len(self.saved) > 1 else None
    def list(self): return self.saved[-1:]
    def wait(self): pass
    def restore(self, step=None): return None
)"));
  const Ticket first = save(*strategy, state_, 2);
  const Ticket second = save(*strategy, state_, 4);
  EXPECT_EQ(bench_.observer.durable_steps, std::vector<uint64_t>{4});
  const SaveOutcome dropped = strategy->wait(first, {});
  ASSERT_TRUE(std::holds_alternative<Skipped>(dropped));
  EXPECT_EQ(std::get<Skipped>(dropped).reason,
            "a newer save is durable, and list() does not name it");
  EXPECT_TRUE(std::holds_alternative<Durable>(strategy->wait(second, {})));
}

// A class may drop a save for a newer one, or for one that is in flight.
TEST_F(Background, AfterWaitDurableIsBelieved) {
  const auto strategy = open(write(R"(
class Mine:
    background = True
    def __init__(self, directory): self.landed = None
    def save(self, state, step): self.first = step if not hasattr(self, "first") else self.first
    def done(self): return False
    def durable(self): return self.landed
    def wait(self): self.landed = self.first
    def restore(self): return None
)"));
  const Ticket first = save(*strategy, state_, 2);
  const Ticket second = save(*strategy, state_, 4);
  EXPECT_TRUE(std::holds_alternative<Durable>(strategy->wait(first, soon())));
  EXPECT_EQ(bench_.observer.durable_steps, std::vector<uint64_t>{2});
  const SaveOutcome dropped = strategy->wait(second, soon());
  ASSERT_TRUE(std::holds_alternative<Skipped>(dropped));
  EXPECT_EQ(std::get<Skipped>(dropped).reason, "not durable after wait(), by durable()");
}

std::string by(const SaveOutcome& outcome) {
  const auto* durable = std::get_if<Durable>(&outcome);
  return durable != nullptr ? durable->by : "";
}

// wait() is asked once of what durable() has named: where the caller may block.
TEST_F(Background, WhatDurableHasNamedIsWaitedForOnce) {
  const auto strategy = open(write(R"(
class Mine:
    background = True
    def __init__(self, directory): self.waits = 0
    def save(self, state, step): self.newest = step
    def done(self): return True
    def durable(self): return self.newest
    def wait(self):
        self.waits += 1
        if self.waits > 1: raise OSError(5, "Input/output error")
    def restore(self): return None
)"));
  const Ticket first = save(*strategy, state_, 2);
  EXPECT_EQ(by(strategy->wait(first, {})), "durable") << "nobody asked wait()";
  EXPECT_EQ(by(strategy->wait(first, soon())), "wait");
  EXPECT_EQ(by(strategy->wait(first, soon())), "wait") << "not asked again";
  const Ticket second = save(*strategy, state_, 4);
  EXPECT_EQ(reason(strategy->wait(second, {})), "(not failed)");
  EXPECT_EQ(reason(strategy->wait(second, soon())),
            "OSError: [Errno 5] Input/output error (own1.py:10, in wait)");
  EXPECT_TRUE(bench_.observer.failed_steps.empty()) << "wait() contradicts, it takes nothing back";
}

TEST_F(Background, WhatDurableTakesBackAfterWaitIsNoCheckpoint) {
  const auto strategy = open(write(R"(
class Mine:
    background = True
    def __init__(self, directory): self.newest = None
    def save(self, state, step): self.newest = step
    def done(self): return True
    def durable(self): return self.newest
    def wait(self): self.newest = None
    def restore(self): return None
)"));
  const Ticket ticket = save(*strategy, state_, 2);
  EXPECT_EQ(by(strategy->wait(ticket, {})), "durable");
  const SaveOutcome taken_back = strategy->wait(ticket, soon());
  ASSERT_TRUE(std::holds_alternative<Skipped>(taken_back));
  EXPECT_EQ(std::get<Skipped>(taken_back).reason, "not durable after wait(), by durable()");
}

TEST_F(Background, AnOutcomeSaysWhoseWordItIs) {
  constexpr const char* kRest = R"(
    def __init__(self, directory): pass
    def save(self, state, step): pass
    def done(self): return True
    def wait(self): pass
    def restore(self): return None
)";
  const auto foreground = open(write(std::string("class Mine:") + kRest));
  const Ticket returned = save(*foreground, state_, 2);
  EXPECT_EQ(by(foreground->wait(returned, {})), "save");
  EXPECT_EQ(by(foreground->wait(returned, soon())), "wait");
  const auto background = open(write(std::string("class Mine:\n    background = True") + kRest));
  EXPECT_EQ(by(background->wait(save(*background, state_, 2), {})), "wait");
}

TEST_F(Background, DurableThatIsNoStepFailsTheSaves) {
  const auto strategy = open(write(R"(
class Mine:
    background = True
    def __init__(self, directory): pass
    def save(self, state, step): pass
    def done(self): return False
    def durable(self): return "all"
    def wait(self): pass
    def restore(self): return None
)"));
  const Ticket ticket = save(*strategy, state_, 2);
  EXPECT_EQ(reason(strategy->wait(ticket, {})), "durable() must return a step or None, not 'all'");
  EXPECT_TRUE(bench_.observer.durable_steps.empty());
}

constexpr const char* kSkipping = R"(
    def __init__(self, directory, busy="wait", may_skip=True): pass
    def save(self, state, step): pass
    def done(self): return True
    def wait(self): pass
    def restore(self): return None
)";

TEST_F(Background, SkippingIsDeclaredByTheClassAttributeAlone) {
  const std::string undeclared =
      write(std::string("class Mine:\n    background = True") + kSkipping);
  EXPECT_FALSE(find_peer(undeclared).value().may_skip);
  const std::string declared =
      write(std::string("class Mine:\n    background = True\n    may_skip = True") + kSkipping);
  EXPECT_TRUE(find_peer(declared).value().may_skip);
  EXPECT_TRUE(make_peer({declared, {}}, bench_.context()));
}

TEST_F(Background, SkippingNeedsBackgroundAndATextThatDeclaresIt) {
  const std::string sync = write(std::string("class Mine:\n    may_skip = True") + kSkipping);
  EXPECT_EQ(find_peer(sync).error().message,
            sync + ": may_skip = True, but background is False; expected background = True");
  const std::string inherited =
      write(std::string("class Base:\n    may_skip = True\nclass Mine(Base):\n"
                        "    background = True") +
            kSkipping);
  EXPECT_TRUE(find_peer(inherited).value().may_skip);
  EXPECT_TRUE(make_peer({inherited, {}}, bench_.context()));
  const std::string hidden = write(std::string("Base = type('Base', (), {'may_skip': True})\n"
                                               "class Mine(Base):\n    background = True") +
                                   kSkipping);
  EXPECT_THAT(make_peer({hidden, {}}, bench_.context()).error().message,
              HasSubstr("may_skip is True, but the text of class Mine says otherwise"));
}

TEST_F(Background, BackgroundWorkNeedsDoneAndWait) {
  const std::string without = write(R"(
class Mine:
    background = True
    def __init__(self, directory): pass
    def save(self, state, step): pass
    def wait(self): pass
    def restore(self): return None
)");
  EXPECT_EQ(find_peer(without).error().message,
            without +
                ": background = True, but the class has no done(); expected done() and wait() in "
                "its body, or in that of a base in its file");
  const std::string inherited = write(R"(
class Base:
    background = True
    def done(self): return True
    def wait(self): pass
class Mine(Base):
    def __init__(self, directory): pass
    def save(self, state, step): pass
    def restore(self): return None
)");
  EXPECT_TRUE(find_peer(inherited).value().background);
  EXPECT_TRUE(make_peer({inherited, {}}, bench_.context()));
  const std::string hidden = write(R"(
Base = type("Base", (), {"background": True})
class Mine(Base):
    def __init__(self, directory): pass
    def save(self, state, step): pass
    def restore(self): return None
)");
  EXPECT_THAT(make_peer({hidden, {}}, bench_.context()).error().message,
              HasSubstr("background is True, but the text of class Mine says otherwise"));
}

}  // namespace
}  // namespace ckptbench
