// prepare() between saves: what it allocates again may be in use.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "strategies/testing/contract_samples.h"

namespace ckptbench {
namespace {

// Holds a save up at its very end, until it is let go.
class HeldSave : public RecordingObserver {
 public:
  void durable(uint64_t step, uint64_t seq, Survives survives) override {
    RecordingObserver::durable(step, seq, survives);
    std::unique_lock lock(mutex_);
    held_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return released_; });
  }
  void wait_until_held() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return held_; });
  }
  void release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  bool released_ = false;
};

class PrepareBetweenSaves : public ::testing::TestWithParam<std::string> {};

TEST_P(PrepareBetweenSaves, WaitsForTheSaveInFlight) {
  const TempDir folder = std::move(TempDir::make("ckptbench-prepare")).value();
  const auto device = make_cpu_device();
  SoloComm comm;
  Trace trace;
  HeldSave observer;
  const auto strategy = make_native({.name = GetParam(), .params = {}},
                                    {*device, comm, observer, trace, folder.path(), "run"})
                            .value();
  const auto state = small_state(1);
  const Ticket ticket = strategy->save(state->view(), {.step = 1, .metric = {}});
  observer.wait_until_held();
  std::atomic<bool> prepared = false;
  std::thread training([&] {
    EXPECT_TRUE(strategy->prepare(state->view()));
    prepared = true;
  });
  // More time can only show that it does not wait.
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_FALSE(prepared);
  observer.release();
  training.join();
  EXPECT_EQ(words(strategy->wait(ticket, std::chrono::steady_clock::now())), "durable");
}

std::vector<std::string> detaching_strategies() {
  std::vector<std::string> names;
  for (const StrategyInfo& row : native_strategies()) {
    for (const ParamInfo& param : row.params) {
      if (param.name == "busy") names.push_back(row.name);
    }
  }
  return names;
}

INSTANTIATE_TEST_SUITE_P(Native, PrepareBetweenSaves, ::testing::ValuesIn(detaching_strategies()));

}  // namespace
}  // namespace ckptbench
