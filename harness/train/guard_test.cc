#include "harness/train/guard.h"

#include <gtest/gtest.h>

namespace ckptbench {
namespace {

TEST(Guarded, WhatAStrategyThrowsIsEvidenceAgainstIt) {
  EXPECT_THROW(guarded([] { throw std::runtime_error("disk"); }), StrategyBroken);
  EXPECT_THROW(guarded([] { throw 1; }), StrategyBroken);
  EXPECT_EQ(guarded([] { return 3; }), 3);
}

// A CUDA call that fails below a strategy is thrown by the harness's device.
TEST(Guarded, TheHarnessesOwnErrorIsNotTheStrategys) {
  try {
    guarded([] { throw ExitError(ExitCode::kEnvironment, "cudaMemcpyAsync: out of memory"); });
    FAIL() << "nothing was thrown";
  } catch (const StrategyBroken& broken) {
    FAIL() << "counted against the strategy: " << broken.what();
  } catch (const ExitError& error) {
    EXPECT_EQ(error.code(), ExitCode::kEnvironment);
  }
}

}  // namespace
}  // namespace ckptbench
