#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "strategies/registry.h"
#include "strategies/testing/copy_log_device.h"
#include "strategies/testing/sample_state.h"

namespace ckptbench {
namespace {

// What a save does of these, in order: the waits for training, and the phase `stage`.
class StagingLog : public CopyLogDevice, public PhaseHook {
 public:
  void synchronize_training() override { log.push_back("wait for training"); }
  void pass(Phase phase, Edge edge) override {
    if (phase != Phase::kStage) return;
    log.push_back(edge == Edge::kBefore ? "stage" : "end of stage");
  }
  std::vector<std::string> log;
};

std::vector<std::string> log_of_save(MemoryKind memory) {
  StrategyBench bench;
  StagingLog device;
  SampleState state(1);
  for (TensorView& tensor : state.view().tensors) tensor.memory = memory;
  const StrategyContext with = bench.context();
  with.trace.set_hook(&device);
  {
    auto strategy = std::move(make_native({"async", {}}, {device, with.comm, with.observer,
                                                          with.trace, with.directory, with.run_id}))
                        .value();
    const Ticket ticket = strategy->save(state.view(), {.step = 1, .metric = {}});
    EXPECT_TRUE(std::holds_alternative<Durable>(strategy->wait(ticket, soon())));
  }
  with.trace.set_hook(nullptr);
  return device.log;
}

// What the GPU has still to do of the step is no time of copying.
TEST(Staged, WaitsForTheStepOfAGpuBeforeItsPhaseBegins) {
  using testing::ElementsAre;
  EXPECT_THAT(log_of_save(MemoryKind::kCuda),
              ElementsAre("wait for training", "stage", "end of stage"));
  EXPECT_THAT(log_of_save(MemoryKind::kHost), ElementsAre("stage", "end of stage"));
}

}  // namespace
}  // namespace ckptbench
