// For which tensors a layout that was planned may serve again, and what its file says of aliases.
#include "strategies/format/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "strategies/format/safetensors.h"

namespace ckptbench {
namespace {

std::vector<TensorView> two_and_an_alias() {
  std::vector<TensorView> tensors(3);
  for (TensorView& tensor : tensors) {
    tensor.role = Role::kParameter;
    tensor.dtype = DType::kF32;
    tensor.shape = {2, 3};
    tensor.bytes = 24;
  }
  tensors[0].name = "first";
  tensors[1].name = "second";
  tensors[2].name = "alias";
  tensors[2].alias_of = "first";
  return tensors;
}

// Anything else would put bytes under a name, a type or a place that is not theirs.
TEST(LayoutOfASave, ServesAgainForTheSameTensorsOnly) {
  const Layout layout = plan_container(two_and_an_alias(), 4096);
  EXPECT_TRUE(fits(layout, two_and_an_alias()));
  const std::vector<std::function<void(std::vector<TensorView>&)>> changes{
      [](auto& tensors) { tensors[1].name = "other"; },
      [](auto& tensors) { std::swap(tensors[0].name, tensors[1].name); },
      [](auto& tensors) { tensors[2].alias_of = "second"; },
      [](auto& tensors) { tensors[2].alias_of.reset(); },
      [](auto& tensors) { tensors[1].role = Role::kBuffer; },
      [](auto& tensors) { tensors[1].dtype = DType::kI32; },
      [](auto& tensors) {
        tensors[1].shape = {3, 2};
      },
      [](auto& tensors) { tensors[1].bytes = 20; },
      [](auto& tensors) { tensors.pop_back(); },
      [](auto& tensors) { tensors.push_back(tensors[1]); }};
  for (size_t i = 0; i < changes.size(); ++i) {
    std::vector<TensorView> tensors = two_and_an_alias();
    changes[i](tensors);
    EXPECT_FALSE(fits(layout, tensors)) << "change " << i;
  }
  // Where they lie is no part of it.
  std::vector<TensorView> moved = two_and_an_alias();
  std::byte elsewhere{};
  for (TensorView& tensor : moved) tensor.data = &elsewhere;
  EXPECT_TRUE(fits(layout, moved));
}

// Tools tell by `format` which framework's tensors these are.
TEST(LayoutOfARawFile, SaysWhoseBytesAnAliasSharesAndStaysAFileOfPytorch) {
  std::vector<TensorView> tensors = two_and_an_alias();
  tensors.push_back(tensors[2]);
  tensors[3].name = "format";
  const Result<Layout> layout = plan_raw(tensors, 1 << 20);
  ASSERT_TRUE(layout) << layout.error().message;
  const auto header = parse_safetensors(layout.value().head, layout.value().bytes);
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_THAT(header.value().metadata,
              ::testing::ElementsAre(std::pair("alias", "first"), std::pair("format", "pt")));
}

}  // namespace
}  // namespace ckptbench
