#include "harness/cli/terminal_style.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "harness/cli/testing/pseudo_terminal.h"

namespace ckptbench {
namespace {

TEST(TerminalStyle, ATerminalHasItsWidthAndColours) {
  const VariableForATest term("TERM", "xterm");
  const VariableForATest none("NO_COLOR", nullptr);
  PseudoTerminal terminal(80);
  EXPECT_TRUE(style_of(terminal.fd()).colour);
  EXPECT_EQ(style_of(terminal.fd()).width, 80U);
  EXPECT_TRUE(can_rewrite_lines(terminal.fd()));
  PseudoTerminal wide(132);
  EXPECT_EQ(style_of(wide.fd()).width, 132U);
}

TEST(TerminalStyle, NoColorForbidsColoursAlone) {
  const VariableForATest term("TERM", "xterm");
  PseudoTerminal terminal(80);
  for (const char* value : {"1", "0", "false"}) {
    const VariableForATest none("NO_COLOR", value);
    EXPECT_FALSE(style_of(terminal.fd()).colour) << value;
    EXPECT_TRUE(can_rewrite_lines(terminal.fd())) << value;
  }
  const VariableForATest empty("NO_COLOR", "");
  EXPECT_TRUE(style_of(terminal.fd()).colour);
}

TEST(TerminalStyle, ADumbTerminalIsSentNoControlSequence) {
  const VariableForATest none("NO_COLOR", nullptr);
  PseudoTerminal terminal(80);
  for (const char* name : {"dumb", "", static_cast<const char*>(nullptr)}) {
    const VariableForATest term("TERM", name);
    EXPECT_FALSE(style_of(terminal.fd()).colour);
    EXPECT_FALSE(can_rewrite_lines(terminal.fd()));
    EXPECT_EQ(style_of(terminal.fd()).width, 80U);
  }
}

TEST(TerminalStyle, ATerminalThatDoesNotSayItsWidthHas80Columns) {
  PseudoTerminal terminal(0);
  EXPECT_EQ(style_of(terminal.fd()).width, 80U);
}

TEST(TerminalStyle, APipeIsNoTerminal) {
  const VariableForATest term("TERM", "xterm");
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  EXPECT_FALSE(style_of(ends[1]).colour);
  EXPECT_FALSE(can_rewrite_lines(ends[1]));
  EXPECT_EQ(style_of(ends[1]).width, 120U);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace ckptbench
