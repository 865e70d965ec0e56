#include "harness/train/fill_pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

namespace ckptbench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A large tensor with an odd end, a number, a flag, a second name of the large one.
class Filled : public ::testing::Test {
 protected:
  Filled() {
    add("weight", large_.data(), large_.size());
    add("step", reinterpret_cast<std::byte*>(&step_), sizeof step_);
    add("flag", &flag_, 1);
    add("tied", large_.data(), large_.size());
    state_.tensors.back().alias_of = "weight";
    overwrite_with_pattern(*device_, state_);
  }

  void fill_all() {
    std::memset(large_.data(), 0, large_.size());
    step_ = 7;
    flag_ = std::byte{1};
  }

  std::unique_ptr<Device> device_ = make_cpu_device();
  StateView state_;
  std::vector<std::byte> large_ = std::vector<std::byte>(1003);
  int64_t step_ = 0;
  std::byte flag_{0};

 private:
  void add(const char* name, std::byte* data, uint64_t bytes) {
    state_.tensors.push_back({.name = name,
                              .dtype = DType::kU8,
                              .shape = {static_cast<int64_t>(bytes)},
                              .data = data,
                              .bytes = bytes});
  }
};

TEST_F(Filled, NamesEverythingThatNobodyFilled) {
  EXPECT_THAT(find_unfilled(*device_, state_), ElementsAre("weight", "step", "flag"));
}

TEST_F(Filled, NamesNothingWhenAllIsFilled) {
  fill_all();
  EXPECT_THAT(find_unfilled(*device_, state_), IsEmpty());
}

TEST_F(Filled, FindsAHoleOfOneChunkAnywhere) {
  const std::vector<std::byte> pattern = large_;
  for (size_t at = 0; at + 16 <= large_.size(); at += 16) {
    fill_all();
    std::memcpy(large_.data() + at, pattern.data() + at, 16);
    EXPECT_THAT(find_unfilled(*device_, state_), ElementsAre("weight")) << at;
  }
}

TEST_F(Filled, NeitherFlagsNorSmallNumbersLookLikeThePattern) {
  fill_all();
  for (step_ = -1; step_ < 1000; ++step_) {
    flag_ = static_cast<std::byte>(step_ & 1);
    ASSERT_THAT(find_unfilled(*device_, state_), IsEmpty()) << step_;
  }
}

}  // namespace
}  // namespace ckptbench
