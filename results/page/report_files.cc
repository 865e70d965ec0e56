#include "results/page/report_files.h"

#include "harness/platform/files.h"
#include "results/export.h"
#include "results/junit.h"
#include "results/page/page.h"

namespace ckptbench {

Result<ReportFiles> write_report(const ReportInput& input, const std::string& directory,
                                 const ChartTools& tools) {
  const ResultRows results = make_result_rows(input.records, input.environment);
  const std::vector<Chart> charts = make_charts(results, input.records);
  const std::string folder = directory + "/charts";
  Status specs = write_specs(charts, folder);
  if (!specs) return specs.error();

  ReportFiles files{directory + "/report.html",
                    directory + "/results.csv",
                    directory + "/table.md",
                    directory + "/junit.xml",
                    {}};
  PageInput page{input, results, charts, {}, ""};
  auto pictures = render_charts(charts, folder, tools);
  if (pictures) {
    page.pictures = std::move(pictures).value();
  } else {
    page.no_pictures_because = pictures.error().message + ".";
    files.warnings.push_back(pictures.error().message);
  }
  const std::pair<std::string, std::string> texts[] = {{files.html, make_page(page)},
                                                       {files.csv, to_csv(results)},
                                                       {files.markdown, to_markdown(results)},
                                                       {files.junit, to_junit(input)}};
  for (const auto& [path, text] : texts) {
    Status written = write_file_atomically(path, text, Sync::kNo);
    if (!written) return written.error();
  }
  return files;
}

}  // namespace ckptbench
