#include "harness/run/job_failure.h"

#include <fmt/format.h>

#include <algorithm>

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

}  // namespace

std::string job_error(const JobFiles& files) {
  const std::string error = error_of_report(files.report);
  return error.empty() ? log_tail(files.log) : error;
}

std::string job_failure(const std::string& what, const ProcessEnd& end, const JobFiles& files) {
  const std::string stacks = end.stacks_path.empty() ? "" : ", stacks in " + end.stacks_path;
  const std::string how = describe(end) + stacks;
  const std::string words = job_error(files);
  if (words.empty() && !end.stacks_path.empty()) return what + " " + how;  // the stacks say why
  return fmt::format("{} {}: {}", what, how,
                     words.empty() ? "neither its report nor its log says why" : words);
}

}  // namespace ckptbench
