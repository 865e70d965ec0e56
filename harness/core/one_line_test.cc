#include "harness/core/one_line.h"

#include <gtest/gtest.h>

namespace ckptbench {
namespace {

TEST(OneLine, LeavesOrdinaryTextAlone) {
  EXPECT_EQ(one_line("Größe/β: 3 bytes"), "Größe/β: 3 bytes");
  EXPECT_EQ(one_line(std::string(kMaxLineBytes, 'a')), std::string(kMaxLineBytes, 'a'));
}

TEST(OneLine, ShowsControlCharacters) {
  EXPECT_EQ(one_line(std::string_view("a\nb\x1b[2J\x7f\0", 9)), "a\\x0ab\\x1b[2J\\x7f\\x00");
}

TEST(OneLine, CutsLongTextBetweenCharacters) {
  const std::string one = one_line(std::string(kMaxLineBytes + 1, 'a'));
  EXPECT_EQ(one, std::string(kMaxLineBytes - 3, 'a') + "…");
  std::string text = "a";
  while (text.size() <= kMaxLineBytes) text += "β";
  const std::string cut = one_line(text);
  EXPECT_LE(cut.size(), kMaxLineBytes);
  EXPECT_TRUE(cut.ends_with("β…")) << cut;
}

}  // namespace
}  // namespace ckptbench
