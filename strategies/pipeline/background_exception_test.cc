// What the thread beside training throws ends the process's job, where only the training thread
// can.
#include <gtest/gtest.h>

#include <stdexcept>

#include "strategies/testing/contract_samples.h"

namespace ckptbench {
namespace {

class ThrowingObserver : public RecordingObserver {
 public:
  void durable(uint64_t, uint64_t, Survives) override { throw std::runtime_error("journal lost"); }
};

TEST(BackgroundException, IsThrownAgainToTheTrainingThreadOnce) {
  TempDir folder = TempDir::make("ckptbench-thrown").value();
  ThrowingObserver observer;
  const auto device = make_cpu_device();
  SoloComm comm;
  Trace trace;
  const auto strategy =
      std::move(make_native({.name = "async", .params = {}},
                            {*device, comm, observer, trace, folder.path(), "run"}))
          .value();
  const auto state = small_state(1);
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  const Ticket ticket = strategy->save(state->view(), {.step = 1, .metric = {}});
  const auto ask = [&] { return words(strategy->wait(ticket, until)); };
  std::string thrown;
  // The first question may come before the exception does.
  for (int i = 0; i < 2 && thrown.empty(); ++i) {
    try {
      EXPECT_EQ(ask(), "failed: journal lost");
    } catch (const std::runtime_error& error) {
      thrown = error.what();
    }
  }
  EXPECT_EQ(thrown, "journal lost");
  EXPECT_EQ(ask(), "failed: journal lost");
}

}  // namespace
}  // namespace ckptbench
