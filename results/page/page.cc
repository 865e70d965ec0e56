#include "results/page/page.h"

#include <fmt/format.h>

#include "results/figure_text.h"
#include "results/markup.h"

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

std::string header(const PageInput& input) {
  size_t trials = 0;
  size_t not_allowed = 0;
  for (const Record& record : input.report.records) {
    trials += record.verdict ? 1 : 0;
    not_allowed += record.verdict && !record.allowed ? 1 : 0;
  }
  const std::string suite = text_field(input, "suite");
  std::string out = "<header><div class=\"bar\"><span class=\"brand\">ckptbench</span>";
  if (!suite.empty()) out += element("span", "suite " + suite, "suite");
  out += element("span", fmt::format("{} trials", trials), "pill");
  out += element("span",
                 not_allowed == 0 ? "all verdicts allowed"
                                  : fmt::format("{} verdicts not allowed", not_allowed),
                 not_allowed == 0 ? "pill good" : "pill bad");
  return out +
         "<nav><a href=\"#trust\">What survives</a><a href=\"#charts\">Costs</a>"
         "<a href=\"#costs\">Table</a><a href=\"#reading\">How to read</a>"
         "<a href=\"#origin\">Environment</a></nav></div></header>\n";
}

}  // namespace

std::string make_page(const PageInput& input) {
  std::string body = headline_section(input) + matrix_section(input) + chart_section(input) +
                     cost_section(input) + loss_section(input) + notable_section(input) +
                     claims_section(input);
  body += "<section id=\"reading\">\n<div class=\"columns\">\n";
  body += reading_guide_html() + std::string(limits_html());
  body += "</div>\n</section>\n" + origin_section(input);
  const std::string suite = text_field(input, "suite");
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<link rel=\"icon\" href=\"data:,\">\n" +
         element("title", "ckptbench" + (suite.empty() ? "" : ": " + suite)) + "\n<style>" +
         std::string(page_style()) + "</style>\n</head>\n<body>\n" + header(input) + "<main>\n" +
         body + "</main>\n</body>\n</html>\n";
}

}  // namespace ckptbench
