// What the documents show of the command line: every command and flag there exists, and the README
// names every command.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "harness/cli/command_line.h"
#include "harness/cli/command_list.h"
#include "harness/platform/files.h"

namespace ckptbench {
namespace {

std::string text_of(const std::string& name) {
  const auto text = read_file(std::string(CKPT_ROOT) + "/" + name);
  if (!text) throw std::runtime_error(text.error().message);
  return text.value();
}

// Per command the flags that it takes, those of every command included.
std::map<std::string, std::set<std::string>> flags_by_command() {
  std::map<std::string, std::set<std::string>> flags;
  for (const CommandRow& row : all_commands()) {
    CLI::App app;
    row.add_options(app);
    std::set<std::string>& names = flags[std::string(row.name)];
    names = {"--worker", "--help", "--version"};
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) names.insert("--" + name);
      for (const std::string& name : option->get_snames()) names.insert("-" + name);
    }
  }
  return flags;
}

// Calls of ckptbench in fenced lines and in `spans`, from the command on.
std::vector<std::string> shown_calls(const std::string& text) {
  const std::regex call("(?:^|\n|`)(?:[\\w./]*/)?ckptbench ([^`\n#|]+)");
  std::vector<std::string> calls;
  bool fenced = false;
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("```")) fenced = !fenced;
    for (std::sregex_iterator found(line.begin(), line.end(), call), none; found != none; ++found) {
      if (fenced || found->str().starts_with("`")) calls.push_back((*found)[1]);
    }
  }
  return calls;
}

// At the top, in docs/, and the issue forms.
std::vector<std::string> all_documents() {
  const std::filesystem::path root = CKPT_ROOT;
  std::vector<std::string> names;
  for (const char* folder : {"", "docs", ".github/ISSUE_TEMPLATE"}) {
    for (const auto& entry : std::filesystem::directory_iterator(root / folder)) {
      const std::string ending = entry.path().extension().string();
      if (ending != ".md" && ending != ".yml") continue;
      names.push_back(entry.path().lexically_relative(root).string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Documented : public testing::TestWithParam<std::string> {};

TEST_P(Documented, CallsHaveCommandsAndFlagsThatExist) {
  const auto flags = flags_by_command();
  const std::regex word("\\S+");
  for (const std::string& call : shown_calls(text_of(GetParam()))) {
    std::sregex_iterator at(call.begin(), call.end(), word), end;
    const std::string command = at->str();
    if (command.starts_with("--")) continue;
    const auto row = flags.find(command);
    ASSERT_NE(row, flags.end()) << "ckptbench " << call;
    for (++at; at != end; ++at) {
      const std::string argument = at->str();
      if (!argument.starts_with("-")) continue;
      const std::string flag = argument.substr(0, argument.find('='));
      EXPECT_TRUE(row->second.contains(flag)) << "ckptbench " << call;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Documents, Documented, testing::ValuesIn(all_documents()));

// The words in a row, whatever separates them: lines, "·", ";".
std::string words_of(const std::string& text) {
  std::string words;
  for (const char c : text) {
    const bool letter = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == ':' || c == ',';
    if (letter) words += c;
    if (!letter && !words.ends_with(' ')) words += ' ';
  }
  return words;
}

TEST(Readme, TellsTheExitCodesAsTheHelpDoes) {
  const char* const arguments[] = {"ckptbench", "--help"};
  testing::internal::CaptureStdout();
  EXPECT_FALSE(parse_command_line(2, arguments));
  const std::string help = words_of(testing::internal::GetCapturedStdout());
  const size_t begin = help.find("Exit codes: ");
  ASSERT_NE(begin, std::string::npos);
  const std::string readme = words_of(text_of("README.md"));
  const std::string no_verdict =
      "3 no verdict: harness error, vacuous fault, invalid reference, a broken strategy that was "
      "not "
      "caught, or interrupted 4 the environment lacks something";
  EXPECT_NE(help.find(no_verdict, begin), std::string::npos) << help.substr(begin);
  EXPECT_NE(readme.find(no_verdict), std::string::npos);
}

TEST(Readme, NamesEveryCommand) {
  const std::string readme = text_of("README.md");
  for (const CommandRow& row : all_commands()) {
    EXPECT_NE(readme.find(fmt::format("`{}`", row.name)), std::string::npos) << row.name;
    EXPECT_NE(readme.find(fmt::format("\nckptbench {} ", row.name)), std::string::npos) << row.name;
  }
}

}  // namespace
}  // namespace ckptbench
