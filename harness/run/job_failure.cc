#include "harness/run/job_failure.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/journal.h"
#include "harness/core/json_text.h"
#include "harness/platform/files.h"

namespace ckptbench {
namespace {

constexpr size_t kLogTail = 300;

std::string error_of_report(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return "";
  const nlohmann::json report = try_parse_json(text.value());
  if (!report.is_object()) return "";
  const auto error = report.find("error");
  return error != report.end() && error->is_string() ? error->get<std::string>() : "";
}

std::string log_tail(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return "";
  std::string tail = text.value();
  if (tail.size() > kLogTail) tail = "…" + tail.substr(tail.size() - kLogTail);
  while (!tail.empty() && tail.back() == '\n') tail.pop_back();
  std::replace(tail.begin(), tail.end(), '\n', ' ');
  return tail;
}

bool journals_steps(const JournalEntry& start) {
  return start.detail == job_role_name(JobRole::kTrain) ||
         start.detail == job_role_name(JobRole::kReference);
}

// The last that the job's journal says, as words after "died by signal 11"; empty: nothing.
std::string last_word(const std::string& journal_path) {
  const auto journal = read_journal(journal_path);
  if (!journal || journal.value().entries.empty()) return "";
  const JournalEntry& last = journal.value().entries.back();
  switch (last.event) {
    case Event::kStart:
      return journals_steps(last) ? " before its first step" : "";
    case Event::kStep:
      return fmt::format(" after step {}", last.step);
    case Event::kRequested:
      return fmt::format(" after requesting the save of step {}", last.step);
    case Event::kCaptured:
      return fmt::format(" after the save of step {} had taken the state", last.step);
    case Event::kDurable:
      return fmt::format(" after the save of step {} was durable", last.step);
    case Event::kRetain:
      return " after a retain request";
    case Event::kAwaited:
      return fmt::format(" in the wait for the save of step {}", last.step);
    default:
      return fmt::format(" after '{}' of step {} in its journal", event_name(last.event),
                         last.step);
  }
}

std::string how_unfinished(const ProcessEnd& end) {
  if (!end.exited || end.exit_code != 0) return describe(end);
  return "ended with exit code 0 before its report was written, inside the strategy's code";
}

}  // namespace

std::string job_error(const JobFiles& files) {
  const std::string error = error_of_report(files.report);
  return error.empty() ? log_tail(files.log) : error;
}

std::string job_failure(const std::string& what, const ProcessEnd& end, const JobFiles& files) {
  const std::string stacks = end.stacks_path.empty() ? "" : ", stacks in " + end.stacks_path;
  const std::string how = how_unfinished(end) + stacks;
  const std::string words = job_error(files);
  if (words.empty() && !end.stacks_path.empty()) return what + " " + how;  // the stacks say why
  if (!words.empty()) return fmt::format("{} {}: {}", what, how, words);
  return fmt::format("{} {}{}: neither its report nor its log says why", what, how,
                     last_word(files.journal));
}

}  // namespace ckptbench
