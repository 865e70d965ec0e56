#include "results/report.h"

#include <filesystem>

#include "harness/core/json_text.h"
#include "results/chart_render.h"
#include "results/export.h"
#include "results/page.h"
#include "results/record_store.h"
#include "results/text_file.h"

namespace ckptbench {
namespace {

Status load_environment(const std::string& path, ReportInput& input) {
  if (!std::filesystem::exists(path)) {
    input.warnings.push_back(path + " is missing: groups, claims and settings are not known");
    return {};
  }
  const auto text = read_text(path);
  if (!text) return text.error();
  try {
    input.environment.fields = parse_json(text.value());
  } catch (const std::exception& error) {
    return Error{path + ": " + error.what()};
  }
  if (!input.environment.fields.is_object()) return Error{path + ": expected an object"};
  return {};
}

}  // namespace

Result<ReportInput> load_results(const std::string& directory) {
  auto stored = read_records(directory + "/results.jsonl");
  if (!stored) return stored.error();
  ReportInput input;
  input.records = latest_records(stored.value().records);
  if (!stored.value().warning.empty()) input.warnings.push_back(stored.value().warning);
  Status environment = load_environment(directory + "/environment.json", input);
  if (!environment) return environment.error();
  return input;
}

Result<ReportFiles> write_report(const ReportInput& input, const std::string& directory,
                                 const ChartTools& tools) {
  const Summary summary = summarise(input.records, input.environment);
  const std::vector<Chart> charts = make_charts(summary, input.records);
  const std::string folder = directory + "/charts";
  Status specs = write_specs(charts, folder);
  if (!specs) return specs.error();

  ReportFiles files{directory + "/report.html",
                    directory + "/results.csv",
                    directory + "/table.md",
                    directory + "/junit.xml",
                    {}};
  PageInput page{input, summary, charts, {}, ""};
  auto pictures = render_charts(charts, folder, tools);
  if (pictures) {
    page.pictures = std::move(pictures).value();
  } else {
    page.no_pictures_because = pictures.error().message + ".";
    files.warnings.push_back(pictures.error().message);
  }
  const std::pair<std::string, std::string> texts[] = {{files.html, make_page(page)},
                                                       {files.csv, to_csv(summary)},
                                                       {files.markdown, to_markdown(summary)},
                                                       {files.junit, to_junit(input)}};
  for (const auto& [path, text] : texts) {
    Status written = write_text(path, text);
    if (!written) return written.error();
  }
  return files;
}

}  // namespace ckptbench
