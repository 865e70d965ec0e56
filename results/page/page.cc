#include "results/page/page.h"

#include <fmt/format.h>

#include <algorithm>

#include "results/figure_text.h"
#include "results/markup.h"
#include "results/record_end.h"

namespace ckptbench {
namespace {

// A picture as a data URI: it can neither run a script nor load anything, and ids of two pictures
// cannot collide.
std::string data_uri(std::string_view svg) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~/:,;=() ";
  std::string out = "data:image/svg+xml;charset=utf-8,";
  for (char c : svg) {
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string figure(const PageInput& input, const Chart& chart) {
  std::string out = fmt::format("<figure id=\"chart-{}\" class=\"{}\">\n", chart.name,
                                chart.wide ? "wide" : "narrow");
  out += element("h3", chart.title) + "\n";
  const auto picture = input.pictures.find(chart.name);
  if (picture != input.pictures.end()) {
    out += fmt::format("<div class=\"picture\"><img alt=\"{}\" src=\"{}\"></div>\n",
                       escape(chart.alt), data_uri(picture->second));
  } else {
    out += element("p",
                   fmt::format("{} Its specification is kept: charts/{}.vl.json",
                               input.no_pictures_because, chart.name),
                   "missing") +
           "\n";
  }
  return out + element("figcaption", chart.caption) + "\n</figure>\n";
}

std::string figures(const PageInput& input, bool wide) {
  std::string out;
  for (const Chart& chart : input.charts) {
    if (chart.wide == wide) out += figure(input, chart);
  }
  return out;
}

std::string chart_section(const PageInput& input) {
  const std::string body = figures(input, false);
  if (body.empty()) return "";
  return "<section id=\"charts\">\n<h2>Costs in pictures</h2>\n<div class=\"figures\">\n" + body +
         "</div>\n</section>\n";
}

std::string loss_section(const PageInput& input) {
  const std::string body = figures(input, true);
  return body.empty() ? "" : "<section id=\"resume\">\n" + body + "</section>\n";
}

std::string text_field(const PageInput& input, const char* key) {
  const auto& fields = input.report.environment.fields;
  const auto found = fields.find(key);
  if (found == fields.end()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::string pill(const std::string& words, std::string_view tone) {
  return element("span", words, tone.empty() ? "pill" : fmt::format("pill {}", tone));
}

// Green only where the run is whole and everything came to an end that is allowed.
std::string state_pills(const PageInput& input) {
  size_t not_allowed = 0;
  size_t inconclusive = 0;
  for (const Record& record : input.report.records) {
    not_allowed += record_end(record) == RecordEnd::kNotAllowed ? 1 : 0;
    inconclusive += record_end(record) == RecordEnd::kInconclusive ? 1 : 0;
  }
  const size_t unmet = unmet_faults(input.report.records).size();
  const size_t planned = planned_cells(input.report.environment).size();
  const size_t missing = missing_cells(input.report).size();
  const size_t known = count_known(input.report.records);
  std::string out;
  if (not_allowed > 0) out += pill(fmt::format("{} not allowed", not_allowed), "bad");
  if (inconclusive > 0) out += pill(fmt::format("{} inconclusive", inconclusive), "bad");
  if (unmet > 0) out += pill(fmt::format("{} met by no fault", unmet), "bad");
  if (missing > 0) {
    out += pill(fmt::format("part of a run: {} of {} cells", planned - missing, planned), "bad");
  }
  if (known > 0) out += pill(fmt::format("{} known failures", known), "warn");
  if (not_allowed + inconclusive + missing + unmet > 0) return out;
  return out + pill(known > 0 ? "all other verdicts allowed" : "all verdicts allowed", "good");
}

std::string header(const PageInput& input, const std::string& body) {
  const auto trials = std::count_if(input.report.records.begin(), input.report.records.end(),
                                    [](const Record& record) { return record.verdict; });
  const std::string suite = text_field(input, "suite");
  std::string out = "<header><div class=\"bar\"><span class=\"brand\">ckptbench</span>";
  if (!suite.empty()) out += element("span", "suite " + suite, "suite");
  out += pill(fmt::format("{} trials", trials), "") + state_pills(input) + "<nav>";
  constexpr std::pair<const char*, const char*> kMenu[] = {
      {"trust", "What survives"},     {"charts", "Costs"},         {"costs", "Table"},
      {"notable", "What went wrong"}, {"known", "Known failures"}, {"reading", "How to read"},
      {"origin", "Environment"}};
  for (const auto& [id, words] : kMenu) {
    if (body.find(fmt::format("<section id=\"{}\"", id)) == std::string::npos) continue;
    out += fmt::format("<a href=\"#{}\">{}</a>", id, words);
  }
  return out + "</nav></div></header>\n";
}

}  // namespace

std::string make_page(const PageInput& input) {
  std::string body = headline_section(input) + matrix_section(input) + chart_section(input) +
                     cost_section(input) + loss_section(input) + notable_section(input) +
                     known_section(input) + claims_section(input);
  body += "<section id=\"reading\">\n<div class=\"columns\">\n";
  body += reading_guide_html() + std::string(limits_html());
  body += "</div>\n</section>\n" + origin_section(input);
  const std::string suite = text_field(input, "suite");
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<link rel=\"icon\" href=\"data:,\">\n" +
         element("title", "ckptbench" + (suite.empty() ? "" : ": " + suite)) + "\n<style>" +
         std::string(page_style()) + "</style>\n</head>\n<body>\n" + header(input, body) +
         "<main>\n" + body + "</main>\n</body>\n</html>\n";
}

}  // namespace ckptbench
