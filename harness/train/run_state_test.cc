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

TEST(StateDigester, DigestsMemoryOfAGpuWhereItLies) {
  std::vector<std::byte> first(1001, std::byte{1});
  std::vector<std::byte> second(77, std::byte{2});
  CopyLogDevice device;
  StateDigester digester(device);
  const StateView on_gpu = view_of(first, second, MemoryKind::kCuda);
  const ComponentDigests before = digester.digest(on_gpu);
  EXPECT_EQ(digester.digest(on_gpu), before);
  second[76] = std::byte{3};
  const ComponentDigests after = digester.digest(on_gpu);
  EXPECT_EQ(after.at(Role::kParameter), before.at(Role::kParameter));
  EXPECT_NE(after.at(Role::kMoment1), before.at(Role::kMoment1));
  second[76] = std::byte{2};
  EXPECT_EQ(digester.digest(on_gpu), before);
  EXPECT_TRUE(device.streams().empty()) << "nothing is copied to the host";
}

TEST(StateDigester, DigestsOfAGpuDependOnNamesAndShapesAndOnHostTensorsBeside) {
  std::vector<std::byte> first(24, std::byte{1});
  std::vector<std::byte> second(77, std::byte{2});
  CopyLogDevice device;
  StateDigester digester(device);
  StateView state = view_of(first, second, MemoryKind::kCuda);
  const ComponentDigests before = digester.digest(state);
  state.tensors[0].shape = {4, 6};
  EXPECT_NE(digester.digest(state).at(Role::kParameter), before.at(Role::kParameter));
  state.tensors[0].shape = {24};
  state.tensors[1].name = "other";
  EXPECT_NE(digester.digest(state).at(Role::kMoment1), before.at(Role::kMoment1));
  state.tensors[1].name = "moment";
  state.tensors[1].memory = MemoryKind::kHost;
  EXPECT_EQ(digester.digest(state).at(Role::kMoment1),
            digest_components(view_of(first, second, MemoryKind::kHost)).at(Role::kMoment1));
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
