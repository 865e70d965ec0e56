#include "results/page/report_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "harness/core/json_text.h"
#include "harness/platform/files.h"
#include "results/junit.h"
#include "results/markup.h"
#include "results/metrics.h"
#include "results/record_store.h"
#include "results/terminal.h"
#include "results/testing/sample_records.h"

namespace ckptbench {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

class ReportTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "ckpt-report-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    // Kept where someone wants to look at the pages.
    if (std::getenv("CKPT_KEEP_REPORT") == nullptr) std::filesystem::remove_all(folder_);
  }

  std::string page_of(const ReportInput& input, const ChartTools& tools) {
    const auto files = write_report(input, folder_, tools);
    EXPECT_TRUE(files.ok()) << (files.ok() ? "" : files.error().message);
    return read_file(folder_ + "/report.html").value();
  }

  std::string folder_;
};

bool charts_available() {
  const std::string command = std::string(CKPT_PYTHON) + " -c 'import vl_convert' 2>/dev/null";
  return std::system(command.c_str()) == 0;
}

const ChartTools kTools{CKPT_PYTHON, CKPT_CHART_SCRIPT};

TEST_F(ReportTest, TheGuideHasEveryWordOfTheOracle) {
  const std::string page = page_of(sample_report(), {});
  const size_t guide = page.find("How to read this");
  ASSERT_NE(guide, std::string::npos);
  for (const auto words : {data_words(), finding_words(), outcome_words()}) {
    for (const VerdictWord& word : words) {
      EXPECT_NE(page.find(escape(word.meaning), guide), std::string::npos) << word.word;
    }
  }
}

TEST_F(ReportTest, TheGuideAndThePictureHaveEveryPartOfTheStall) {
  const std::string page = page_of(sample_report(), {});
  const size_t guide = page.find("How to read this");
  const std::string chart = read_file(folder_ + "/charts/stall.vl.json").value();
  for (const Metric* part : stall_parts()) {
    const std::string name(part->name());
    EXPECT_NE(page.find("<b>" + name + "</b> (" + escape(part->part.words) + ")", guide),
              std::string::npos)
        << name;
    EXPECT_THAT(page, HasSubstr(escape(name + " (" + std::string(part->part.words) + ")")));
    EXPECT_THAT(chart, HasSubstr("\"part\": \"" + name + "\"")) << name;
  }
}

TEST_F(ReportTest, TheCostTableHasEveryColumnOfThePage) {
  ReportInput input;
  input.records.push_back(fully_sampled_record());
  const std::string page = page_of(input, {});
  const std::string costs = page.substr(page.find("<section id=\"costs\">"));
  const std::string table = costs.substr(0, costs.find("</table>"));
  for (const Metric& metric : all_metrics()) {
    const bool there = table.find(">" + escape(metric.column) + "</th>") != std::string::npos;
    EXPECT_EQ((metric.shown & kPage) != 0, !metric.column.empty() && there) << metric.key;
  }
}

TEST_F(ReportTest, PicturesNameTheirMetricsAsTheTableDoes) {
  page_of(sample_report(), {});
  const auto chart = [&](const std::string& name) {
    return read_file(folder_ + "/charts/" + name + ".vl.json").value();
  };
  const auto title = [](const char* key) {
    return "\"part\": \"" + std::string(find_metric(key)->title) + "\"";
  };
  for (const char* key : {"written_bytes_per_s", "effective_bytes_per_s", "limit_bytes_per_s"}) {
    EXPECT_THAT(chart("throughput"), HasSubstr(title(key)));
  }
  for (const char* key : {"written_bytes_per_parameter", "retained_bytes_per_parameter"}) {
    EXPECT_THAT(chart("bytes"), HasSubstr(title(key)));
  }
  for (const char* key : {"restore_first_step_cold_ns", "restore_first_step_warm_ns"}) {
    EXPECT_THAT(chart("restore"), HasSubstr(title(key)));
  }
}

TEST_F(ReportTest, PageNamesEveryStrategyVerdictAndWarning) {
  ReportInput input = sample_report();
  input.warnings.push_back("a torn last line was skipped");
  const std::string page = page_of(input, {});
  for (const char* words : {"incremental", "torch-save", "DETECTED-UNRECOVERABLE", "LOST-ACK",
                            "SILENT-CORRUPT", "Broken on purpose", "a torn last line was skipped",
                            "kill at a file operation", "process,power", "most lost", "4 steps",
                            "no Python interpreter was given", "[[measure]]", "machine.cpu"}) {
    EXPECT_THAT(page, HasSubstr(words));
  }
}

TEST_F(ReportTest, HostileNamesStayText) {
  const std::string evil = "<script>alert(1)</script>\"'&<img src=x onerror=y>";
  ReportInput input = sample_report();
  for (Record& record : input.records) {
    record.cell.strategy.name += evil;
    record.cell.workload.name += evil;
    record.cell.id += evil;
    record.point = evil;
    if (record.verdict) record.verdict->explanation = evil;
    record.allowed = false;
  }
  input.records[0].error = evil;
  input.environment.fields[evil] = {{evil, evil}};
  input.environment.fields["suite"] = evil;
  input.environment.fields["suite_text"] = evil;
  for (auto& strategy : input.environment.fields["strategies"]) {
    strategy["name"] = strategy["name"].get<std::string>() + evil;
    strategy["summary"] = strategy["source"] = strategy["survives"] = evil;
  }
  input.warnings.push_back(evil);
  const std::string page = page_of(input, charts_available() ? kTools : ChartTools{});
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("<img src=x")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(read_file(folder_ + "/junit.xml").value(), Not(HasSubstr("<script")));
  EXPECT_THAT(read_file(folder_ + "/table.md").value(), Not(HasSubstr("<script")));
}

TEST_F(ReportTest, ChartsAreDrawnAndPutIntoThePage) {
  if (!charts_available()) GTEST_SKIP() << "vl-convert-python is not installed";
  const auto files = write_report(sample_report(), folder_, kTools);
  ASSERT_TRUE(files.ok()) << files.error().message;
  EXPECT_THAT(files.value().warnings, testing::IsEmpty());
  for (const char* name : {"stall", "throughput", "bytes", "loss"}) {
    const auto svg = read_file(folder_ + "/charts/" + name + ".svg");
    ASSERT_TRUE(svg.ok()) << name;
    EXPECT_THAT(svg.value(), HasSubstr("<svg"));
  }
  EXPECT_THAT(read_file(folder_ + "/charts/loss.svg").value(), HasSubstr("crash after step 19"));
  const std::string page = read_file(files.value().html).value();
  EXPECT_THAT(page, HasSubstr("data:image/svg+xml"));
  EXPECT_THAT(page, Not(HasSubstr("http://www.w3.org/1999/xhtml")));
}

TEST_F(ReportTest, AFailingDrawingIsSaidAndTheRestIsWritten) {
  const auto files = write_report(sample_report(), folder_, {"/bin/false", CKPT_CHART_SCRIPT});
  ASSERT_TRUE(files.ok());
  EXPECT_THAT(files.value().warnings, testing::ElementsAre(HasSubstr("charts were not drawn")));
  EXPECT_THAT(read_file(files.value().html).value(), HasSubstr("charts/stall.vl.json"));
}

TEST_F(ReportTest, IsMadeFromTheFilesOfTheFolderAlone) {
  auto store = RecordStore::open(folder_ + "/results.jsonl");
  ASSERT_TRUE(store.ok());
  const ReportInput input = sample_report();
  for (const Record& record : input.records) ASSERT_TRUE(store.value().append(record).ok());
  ASSERT_TRUE(write_file_atomically(folder_ + "/environment.json",
                                    json_text(input.environment.fields), Sync::kNo)
                  .ok());
  const auto loaded = load_results(folder_);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(terminal_report(loaded.value(), {}), terminal_report(input, {}));
}

TEST_F(ReportTest, SaysThatItIsAPartOfARun) {
  auto store = RecordStore::open(folder_ + "/results.jsonl");
  ASSERT_TRUE(store.ok());
  ASSERT_TRUE(store.value().append(measured_record("digits-mlp", "sync", 3, 12)).ok());
  nlohmann::json fields = sample_report().environment.fields;
  fields["cells"] = {"measure-digits-mlp-sync", "b", "c"};
  ASSERT_TRUE(
      write_file_atomically(folder_ + "/environment.json", json_text(fields), Sync::kNo).ok());
  const auto part = load_results(folder_);
  ASSERT_TRUE(part.ok());
  EXPECT_THAT(part.value().warnings, testing::ElementsAre(HasSubstr("1 of 3 cells have finished")));
  EXPECT_THAT(planned_cells(part.value().environment), testing::SizeIs(3));
  fields["cells"] = {"measure-digits-mlp-sync"};
  ASSERT_TRUE(
      write_file_atomically(folder_ + "/environment.json", json_text(fields), Sync::kNo).ok());
  EXPECT_THAT(load_results(folder_).value().warnings, testing::IsEmpty());
}

TEST_F(ReportTest, AKnownFailureThatIsFixedStandsInReportAndJUnit) {
  auto store = RecordStore::open(folder_ + "/results.jsonl");
  ASSERT_TRUE(store.ok());
  ASSERT_TRUE(store.value().append(measured_record("digits-mlp", "sync", 3, 12)).ok());
  nlohmann::json fields = sample_report().environment.fields;
  fields.erase("cells");
  fields["fixed_failures"] = {{{"strategy", "torch-save"},
                               {"verdict", "DETECTED-UNRECOVERABLE"},
                               {"file", "suites/known_failures.toml:5"},
                               {"trials", 60}}};
  ASSERT_TRUE(
      write_file_atomically(folder_ + "/environment.json", json_text(fields), Sync::kNo).ok());
  const auto loaded = load_results(folder_);
  ASSERT_TRUE(loaded.ok());
  EXPECT_THAT(loaded.value().warnings,
              testing::ElementsAre(HasSubstr("no longer happens (60 trials): remove it from "
                                             "suites/known_failures.toml:5")));
  const std::string junit = to_junit(loaded.value());
  EXPECT_THAT(junit, HasSubstr("tests=\"2\" failures=\"0\" errors=\"0\" skipped=\"1\""));
  EXPECT_THAT(junit, HasSubstr("name=\"torch-save: DETECTED-UNRECOVERABLE\""));
}

TEST_F(ReportTest, ThePageShowsKnownFailuresWithReasonAndSource) {
  ReportInput input = sample_report();
  EXPECT_THAT(page_of(input, {}), AllOf(HasSubstr("pill good\">all verdicts allowed<"),
                                        HasSubstr("<a href=\"#notable\">What went wrong</a>"),
                                        Not(HasSubstr("#known"))));
  for (Record& record : input.records) {
    if (record.cell.strategy.name != "torch-save" || !record.verdict) continue;
    record.observed["known_failures"].push_back({{"verdict", "DETECTED-UNRECOVERABLE"},
                                                 {"reason", "it writes in place"},
                                                 {"source", "https://x.org/688"}});
  }
  const std::string page = page_of(input, {});
  EXPECT_THAT(page, AllOf(HasSubstr(">9 known failures</span>"), HasSubstr("it writes in place"),
                          HasSubstr("https://x.org/688"), HasSubstr("all other verdicts allowed"),
                          HasSubstr("<a href=\"#known\">Known failures</a>")));
}

TEST_F(ReportTest, OnlyAWholeRunWithoutErrorsIsGreen) {
  ReportInput part = sample_report();
  part.environment.fields["cells"] = {"measure-digits-mlp-sync", "never-run"};
  EXPECT_THAT(page_of(part, {}),
              AllOf(HasSubstr("part of a run: 1 of 2 cells"), Not(HasSubstr("verdicts allowed"))));
  ReportInput vacuous = sample_report();
  Record record = trial_record("v", "sync", "phase", Verdict{}, true);
  record.verdict->outcome = HarnessOutcome::kVacuous;
  record.verdict->explanation = "the fault never fired";
  vacuous.records.push_back(record);
  EXPECT_THAT(page_of(vacuous, {}),
              AllOf(HasSubstr("1 inconclusive"), HasSubstr("the fault never fired"),
                    Not(HasSubstr("verdicts allowed"))));
}

// A cell that failed has been run: its error says so, and nothing is to be continued.
TEST_F(ReportTest, ARunWithAFailedCellIsNoPart) {
  auto store = RecordStore::open(folder_ + "/results.jsonl");
  ASSERT_TRUE(store.ok());
  Record failed = measured_record("digits-mlp", "sync", 3, 12);
  failed.error = "worker exited with code 4";
  ASSERT_TRUE(store.value().append(failed).ok());
  nlohmann::json fields = sample_report().environment.fields;
  fields["cells"] = {failed.cell.id};
  ASSERT_TRUE(
      write_file_atomically(folder_ + "/environment.json", json_text(fields), Sync::kNo).ok());
  EXPECT_THAT(load_results(folder_).value().warnings, testing::IsEmpty());
}

TEST_F(ReportTest, NamesMetricsThatHaveNoRow) {
  auto store = RecordStore::open(folder_ + "/results.jsonl");
  ASSERT_TRUE(store.ok());
  Record record = measured_record("digits-mlp", "sync", 3, 12);
  record.samples.push_back({"never_heard_of_ns", 0, {1}});
  ASSERT_TRUE(store.value().append(record).ok());
  ASSERT_TRUE(write_file_atomically(folder_ + "/environment.json", "{}", Sync::kNo).ok());
  EXPECT_THAT(load_results(folder_).value().warnings,
              testing::ElementsAre(HasSubstr("never_heard_of_ns has no row")));
}

TEST_F(ReportTest, ThePageSaysHowTheProcessesOfARowDiffer) {
  ReportInput input = sample_report();
  EXPECT_THAT(page_of(input, {}), Not(HasSubstr(" processes: ")));
  input.records.push_back(input.records.at(1));
  EXPECT_THAT(page_of(input, {}), HasSubstr("<small>2 processes: "));
}

// A screen reader meets every table's name, and heads that say what they are heads of.
TEST_F(ReportTest, TablesHaveCaptionsAndScopesAndPicturesSayTheirResult) {
  const std::string page = page_of(sample_report(), charts_available() ? kTools : ChartTools{});
  const auto count = [&](std::string_view text) {
    size_t found = 0;
    for (size_t at = page.find(text); at != std::string::npos; at = page.find(text, at + 1)) {
      ++found;
    }
    return found;
  };
  EXPECT_GT(count("<table>"), 3U);
  EXPECT_EQ(count("<table>"), count("<caption>"));
  EXPECT_EQ(count("<table>"), count("<div class=\"scroll\""));
  EXPECT_EQ(count("<th"), count("scope=\"") + count("<thead"));
  EXPECT_EQ(count("<h1>"), 1U);
  if (charts_available()) {
    EXPECT_THAT(page,
                testing::ContainsRegex("alt=\"[^\"]*digits-mlp, claims to survive process,power: "
                                       "least async with 1[.]"));
  }
  EXPECT_THAT(page, HasSubstr("<b>use on digits-mlp</b>: async"));
}

TEST_F(ReportTest, FoldsEqualFailures) {
  ReportInput input = sample_report();
  std::vector<Record> more;
  for (int i = 0; i < 50; ++i) {
    more.push_back(trial_record("again-" + std::to_string(i), "torch-save", "moment",
                                data_verdict(DataVerdict::kDetectedUnrecoverable), true));
  }
  input.records.insert(input.records.end(), more.begin(), more.end());
  const std::string page = page_of(input, {});
  EXPECT_THAT(page, HasSubstr("53 times; the first: "));
  EXPECT_THAT(page, Not(HasSubstr("replay again-")));
}

TEST_F(ReportTest, SaysWhichFileIsDamaged) {
  EXPECT_THAT(load_results(folder_).error().message, HasSubstr("results.jsonl"));
  ASSERT_TRUE(write_file_atomically(folder_ + "/results.jsonl", "", Sync::kNo).ok());
  ASSERT_TRUE(write_file_atomically(folder_ + "/environment.json", "[1]", Sync::kNo).ok());
  EXPECT_THAT(load_results(folder_).error().message, HasSubstr("environment.json"));
}

TEST_F(ReportTest, ThePageNamesFewSamplesAndEveryLimit) {
  ReportInput input = sample_report();
  EXPECT_THAT(page_of(input, {}), Not(HasSubstr("(8 samples)")));
  for (Record& record : input.records) {
    for (Samples& samples : record.samples) {
      if (samples.metric == "stall_ns") samples.values.resize(4);
    }
  }
  const std::string page = page_of(input, {});
  EXPECT_THAT(page, HasSubstr("(4 samples)</small>"));
  EXPECT_THAT(page, ContainsRegex("<td class=\"n\">1[.]3[0-9] / 1[.][01][0-9]<small>[(]3 samples[)]"
                                  "</small></td>"));
  EXPECT_THAT(page, HasSubstr(">% overwrite limit</th>"));
  EXPECT_THAT(page, HasSubstr(">start c/w s</th>"));
  const std::string csv = read_file(folder_ + "/results.csv").value();
  EXPECT_THAT(csv, HasSubstr(",restore_of_limit_pct,"));
  EXPECT_THAT(csv, HasSubstr(",of_overwrite_limit_pct,"));
  EXPECT_THAT(csv, HasSubstr("digits-mlp,,sync,cpu,most_lost_steps,4,,,,9,0"));
  const std::string table = read_file(folder_ + "/table.md").value();
  EXPECT_THAT(table, HasSubstr("| trials | worst verdict | most lost | counts |"));
  EXPECT_THAT(table, HasSubstr("| 9 | ROLLED-BACK | 4 steps | "));
  EXPECT_THAT(table, ContainsRegex("[|] 1[.]3[0-9] / 1[.][01][0-9] \\(3\\) [|]"));
  EXPECT_THAT(table, HasSubstr("\n- (n)  a figure of n samples, fewer than 6\n"));
}

}  // namespace
}  // namespace ckptbench
