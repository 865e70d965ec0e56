#include "harness/train/run_state.h"

#include <gtest/gtest.h>

#include "harness/core/cell.h"
#include "strategies/testing/copy_log_device.h"

namespace ckptbench {
namespace {

StateView view_of(std::vector<std::byte>& first, std::vector<std::byte>& second, MemoryKind kind) {
  StateView state;
  const auto add = [&](const char* name, Role role, std::vector<std::byte>& bytes) {
    state.tensors.push_back({.name = name,
                             .role = role,
                             .dtype = DType::kU8,
                             .shape = {static_cast<int64_t>(bytes.size())},
                             .memory = kind,
                             .data = bytes.data(),
                             .bytes = bytes.size()});
  };
  add("weight", Role::kParameter, first);
  add("moment", Role::kMoment1, second);
  return state;
}

TEST(StateDigester, CopiesOfAGpuHaveTheDigestsOfTheirBytes) {
  std::vector<std::byte> first(1001, std::byte{1});
  std::vector<std::byte> second(77, std::byte{2});
  CopyLogDevice device;
  StateDigester digester(device);
  const StateView on_gpu = view_of(first, second, MemoryKind::kCuda);
  const StateView on_host = view_of(first, second, MemoryKind::kHost);
  EXPECT_EQ(digester.digest(on_gpu), digest_components(on_host));
  const ComponentDigests before = digester.digest(on_gpu);
  second[76] = std::byte{3};
  EXPECT_EQ(digester.digest(on_gpu), digest_components(on_host));
  EXPECT_NE(digester.digest(on_gpu), before);
  EXPECT_EQ(digester.digest(on_gpu).at(Role::kParameter), before.at(Role::kParameter));
  ASSERT_FALSE(device.streams().empty());
  for (const CopyLogDevice::Calls& calls : device.streams()) {
    EXPECT_EQ(calls.front(), "after training") << "which may still write what is copied";
    EXPECT_EQ(calls.back(), "wait") << "for the bytes that are digested";
  }
}

TEST(StateDigester, NeedsNoCopyOfHostMemory) {
  std::vector<std::byte> first(10, std::byte{1});
  std::vector<std::byte> second(10, std::byte{2});
  CopyLogDevice device;
  const StateView state = view_of(first, second, MemoryKind::kHost);
  EXPECT_EQ(StateDigester(device).digest(state), digest_components(state));
  EXPECT_TRUE(device.streams().empty());
}

// The library holds the generator: its bytes are copied when they are asked for.
TEST(RunState, AViewHasTheGeneratorAsItIsNow) {
  Cell cell;
  cell.workload.name = "digits-mlp";
  const auto device = make_cpu_device();
  RunState state(cell, *device);
  state.view();
  NoHook hook;
  state.workload().step(hook);
  const ComponentDigests before = state.target_digests();
  state.view();
  EXPECT_NE(state.target_digests().at(Role::kRng), before.at(Role::kRng));
}

}  // namespace
}  // namespace ckptbench
