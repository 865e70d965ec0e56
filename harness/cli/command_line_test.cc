#include "harness/cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "harness/cli/command_list.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;

std::optional<CommandLine> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "ckptbench");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

std::string refusal(const std::vector<const char*>& arguments) {
  try {
    parse(arguments);
  } catch (const ExitError& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    return error.what();
  }
  return "accepted";
}

TEST(CommandLine, AMistypedNameIsAnsweredWithNearOnes) {
  EXPECT_THAT(refusal({"rnu"}), HasSubstr("unknown command 'rnu'; did you mean 'run'?"));
  EXPECT_THAT(refusal({"--worker", "w", "expalin", "d"}), HasSubstr("did you mean 'explain'?"));
  EXPECT_THAT(refusal({"run", "--resme"}), HasSubstr("'--resme'; did you mean '--resume'?"));
  EXPECT_THAT(refusal({"run", "--sed=1"}), HasSubstr("did you mean '--seed'"));
  EXPECT_THAT(refusal({"report"}), HasSubstr("directory is required"));
  EXPECT_THAT(refusal({"run", "--seed", "one"}), HasSubstr("one"));
  EXPECT_THAT(refusal({}), HasSubstr("subcommand is required"));
}

// CLI11 itself wraps a negative one around, takes one too large as the largest, and "010" as 8.
TEST(CommandLine, AWholeNumberIsOneOf64Bits) {
  for (const char* text :
       {"", "-1", "18446744073709551616", "99999999999999999999999", "1.5", "0x10"}) {
    EXPECT_THAT(refusal({"run", "--seed", text}), HasSubstr(std::string("--seed: '") + text +
                                                            "', expected a whole number in "
                                                            "[0, 18446744073709551615]"));
    EXPECT_THAT(refusal({"run", "--jobs", text}), HasSubstr("expected a whole number"));
    EXPECT_THAT(refusal({"selftest", "--seeds", text}), HasSubstr("expected a whole number"));
  }
  EXPECT_TRUE(parse({"run", "--seed", "18446744073709551615"}));
  EXPECT_TRUE(parse({"run", "--seed=0", "-j", "09"}));
  EXPECT_THAT(refusal({"selftest", "--seeds", "0"}), HasSubstr("0 not in range 1 to"));
}

// A report of a defect needs more than the number of the release.
TEST(CommandLine, TheVersionNamesTheCommit) {
  testing::internal::CaptureStdout();
  EXPECT_FALSE(parse({"--version"}));
  EXPECT_THAT(testing::internal::GetCapturedStdout(),
              testing::MatchesRegex("[0-9.]+ .commit [^ ]+, [^)]+.\n"));
}

TEST(CommandLine, AnEmptyTextIsNoValue) {
  for (const auto& arguments : std::vector<std::vector<const char*>>{{"run", "--out", ""},
                                                                     {"run", "--out="},
                                                                     {"run", ""},
                                                                     {"run", "--scratch", ""},
                                                                     {"run", "-s", ""},
                                                                     {"selftest", "--out", ""},
                                                                     {"replay", "c", "--out", ""},
                                                                     {"report", ""},
                                                                     {"--worker", "", "list"}}) {
    EXPECT_THAT(refusal(arguments), testing::AnyOf(HasSubstr("is empty"), HasSubstr("required")))
        << arguments.front() << " " << arguments.back();
  }
}

// With an argument, or without where it takes none.
std::optional<CommandLine> parse_command(const std::string& name) {
  try {
    return parse({name.c_str(), "a"});
  } catch (const ExitError&) {
    return parse({name.c_str()});
  }
}

TEST(CommandLine, EveryCommandIsReachedByItsName) {
  std::set<std::string_view> names;
  for (const CommandRow& row : all_commands()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    const std::string name(row.name);
    const auto line = parse_command(name);
    ASSERT_TRUE(line) << name;
    EXPECT_EQ(line->interruptible, row.interruptible) << name;
    EXPECT_TRUE(line->body) << name;
  }
}

TEST(CommandLine, TheWorkerMayStandBeforeOrBehindTheCommand) {
  EXPECT_EQ(parse({"--worker", "w", "list"})->options.worker, "w");
  const auto line = parse({"list", "--worker", "a b"});
  EXPECT_EQ(line->options.command_line(), "ckptbench --worker 'a b'");
}

}  // namespace
}  // namespace ckptbench
