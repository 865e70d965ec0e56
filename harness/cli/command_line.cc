#include "harness/cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "harness/cli/command_list.h"
#include "harness/core/near_names.h"
#include "harness/platform/installation.h"
#include "harness/run/environment_file.h"

namespace ckptbench {
namespace {

constexpr const char* kFooter = R"(
A selection is a name, or NAME:key=value,key=value:
  digits-mlp   char-gpt:size=1M,freeze=0.5   staged+planes+zstd@dir   python:FILE.py:Class:level=3

Exit codes: 0 all well; 1 a verdict that is not allowed; 2 usage: an unknown key, name or value;
3 no verdict: harness error, vacuous fault, invalid reference, a broken strategy that was not
caught, or interrupted; 4 the environment lacks something.)";

// A name that was found in PATH, or else the program's absolute path.
std::string callable_again(const std::string& called) {
  if (called.find('/') == std::string::npos) return called;
  return program_folder() + "/" + called.substr(called.rfind('/') + 1);
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// The command that the arguments name, or null.
const CLI::App* named_command(const CLI::App& app, const std::vector<std::string>& arguments) {
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    if (std::count(arguments.begin(), arguments.end(), command->get_name()) > 0) return command;
  }
  return nullptr;
}

std::string unknown_option(const CLI::App& app, const CLI::App* command,
                           const std::vector<std::string>& arguments) {
  std::vector<std::string> names = option_names(app);
  if (command != nullptr) {
    const auto own = option_names(*command);
    names.insert(names.end(), own.begin(), own.end());
  }
  for (const std::string& argument : arguments) {
    const std::string name = argument.substr(0, argument.find('='));
    const bool known = std::find(names.begin(), names.end(), name) != names.end();
    if (name.starts_with("--") && name.size() > 2 && !known) {
      return unknown_name("option", name, names);
    }
  }
  return "";
}

std::string unknown_command(const CLI::App& app, const std::vector<std::string>& arguments) {
  std::vector<std::string> names;
  for (const CLI::App* row : app.get_subcommands(nullptr)) names.push_back(row->get_name());
  for (size_t i = 0; i < arguments.size(); ++i) {
    const bool value = i > 0 && arguments[i - 1] == "--worker";
    if (!arguments[i].starts_with('-') && !value) {
      return unknown_name("command", arguments[i], names);
    }
  }
  return "";
}

// In the words of the parser where no name was mistyped.
std::string usage_text(const CLI::App& app, const std::vector<std::string>& arguments,
                       const std::string& error) {
  const CLI::App* command = named_command(app, arguments);
  std::string text = unknown_option(app, command, arguments);
  if (text.empty() && command == nullptr) text = unknown_command(app, arguments);
  return fmt::format("{} (ckptbench --help tells more)", text.empty() ? error : text);
}

// Rewritten in digits alone: the parser wraps a negative number around, takes one that is too large
// as the largest, and reads a leading 0 as octal.
std::string read_whole(std::string& text) {
  uint64_t value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc{} || end != last) {
    return fmt::format("'{}', expected a whole number in [0, {}]", text, UINT64_MAX);
  }
  text = std::to_string(value);
  return "";
}

std::string check_text(const std::string& text) {
  return text.empty() ? "is empty, expected a value" : "";
}

void check_values(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_expected_max() == 0) continue;  // a flag
    const bool whole = option->get_type_name().starts_with("UINT");
    if (whole) option->transform(CLI::Validator(read_whole, ""));
    if (!whole) option->check(CLI::Validator(check_text, ""));
  }
}

}  // namespace

std::optional<CommandLine> parse_command_line(int count, const char* const* arguments) {
  CommandLine line;
  line.options.program = callable_again(arguments[0]);
  CLI::App app("Which checkpoint strategy should a training job use, and can it be trusted?",
               "ckptbench");
  app.footer(kFooter);
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("--version", fmt::format("{} ({})", CKPT_VERSION, build_text()));
  app.add_option("--worker", line.options.worker,
                 "ckpt-worker (default: the one beside ckptbench)");
  std::vector<CommandBody> bodies;
  for (const CommandRow& row : all_commands()) {
    CLI::App* command = app.add_subcommand(std::string(row.name), std::string(row.summary));
    bodies.push_back(row.add_options(*command));
    check_values(*command);
  }
  check_values(app);
  try {
    app.parse(count, arguments);
  } catch (const CLI::Success& success) {
    app.exit(success);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    const std::vector<std::string> given(arguments + 1, arguments + count);
    throw ExitError(ExitCode::kUsage, usage_text(app, given, error.what()));
  }
  for (size_t i = 0; i < bodies.size(); ++i) {
    const CommandRow& row = all_commands()[i];
    if (!app.got_subcommand(std::string(row.name))) continue;
    line.body = std::move(bodies[i]);
    line.interruptible = row.interruptible;
  }
  return line;
}

}  // namespace ckptbench
