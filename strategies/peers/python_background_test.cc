// When a Python class's save is acknowledged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "strategies/peers/peer_list.h"
#include "strategies/testing/sample_state.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;

class Background : public testing::Test {
 protected:
  std::string write(const std::string& text) {
    const std::string path = files_.directory() / ("own" + std::to_string(++count_) + ".py");
    std::ofstream(path) << text;
    return "python:" + path + ":Mine";
  }
  std::unique_ptr<Strategy> make(const std::string& name) {
    auto made = make_peer({name, {}}, bench_.context());
    if (!made) throw std::runtime_error(made.error().message);
    return std::move(made).value();
  }
  Ticket save(Strategy& strategy, uint64_t step) {
    return strategy.save(state_.view(), {.step = step, .metric = {}});
  }
  static std::string reason(const SaveOutcome& outcome) {
    if (const Failed* failed = std::get_if<Failed>(&outcome)) return failed->reason;
    return outcome.index() == 0 ? "(pending)" : "(not failed)";
  }

  StrategyBench bench_;

 private:
  StrategyBench files_;
  SampleState state_{1};
  int count_ = 0;
};

TEST_F(Background, WithoutBackgroundWorkTheReturnOfSaveIsTheAcknowledgement) {
  const std::string name = write(R"(
class Mine:
    def __init__(self, directory): pass
    def save(self, state, step): pass
    def wait(self): raise OSError(5, "Input/output error")
    def restore(self): return None
)");
  EXPECT_FALSE(find_peer(name).value().background);
  const auto strategy = make(name);
  const Ticket ticket = save(*strategy, 2);
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
  const auto strategy = make(name);
  const Ticket ticket = save(*strategy, 2);
  EXPECT_TRUE(bench_.observer.durable_steps.empty());
  EXPECT_EQ(reason(strategy->wait(ticket, {})), "(pending)");
  EXPECT_EQ(reason(strategy->wait(ticket, {})), "(not failed)");
  EXPECT_EQ(bench_.observer.durable_steps, std::vector<uint64_t>{2});
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
                "the class's own body");
  const std::string hidden = write(R"(
class Base:
    background = True
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
