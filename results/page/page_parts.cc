#include "results/page/page_parts.h"

#include <fmt/format.h>

#include "results/figure_text.h"
#include "results/markup.h"
#include "results/process_spread.h"

namespace ckptbench {
namespace {

std::string_view class_of(Severity value) {
  switch (value) {
    case Severity::kExact:
      return "v v-exact";
    case Severity::kRolled:
      return "v v-rolled";
    case Severity::kLoud:
      return "v v-loud";
    case Severity::kSilent:
      return "v v-silent";
    case Severity::kWrong:
      return "v v-wrong";
    case Severity::kUnknown:
      break;
  }
  return "v v-none";
}

}  // namespace

std::string badge(std::string_view words, Severity value) {
  return element("span", words, class_of(value));
}

std::string badge(const VerdictTally& tally) {
  return badge(worst_text(tally), severity(tally));
}

std::string counts_html(const VerdictTally& tally) {
  std::string out;
  for (const std::string& item : count_items(tally)) {
    out += (out.empty() ? "" : " ") + element("span", item, "count");
  }
  return "<small>" + out + "</small>";
}

std::string cell_html(std::string_view inner, std::string_view css_class) {
  if (css_class.empty()) return fmt::format("<td>{}</td>", inner);
  return fmt::format("<td class=\"{}\">{}</td>", css_class, inner);
}

std::string row_head_html(const std::string& name, const std::string& whole_name,
                          const std::string& more) {
  const std::string title =
      name == whole_name ? "" : fmt::format(" title=\"{}\"", escape(whole_name));
  return fmt::format("<th scope=\"row\" class=\"who\"{}>{}{}</th>", title, escape(name),
                     more.empty() ? "" : element("small", more));
}

std::string figure_cell(const MetricColumn& column, const ResultRow& row) {
  std::string values;
  std::string intervals;
  for (const Metric* metric : column.metrics) {
    const Estimate estimate = row.metric(metric->key);
    if (!values.empty()) values += column.parts ? " + " : " / ";
    values += value_text(*metric, estimate);
    if (!metric->with_interval || !estimate.known()) continue;
    intervals += element("small", interval_text(*metric, estimate));
    const std::string processes = processes_text(*metric, estimate);
    if (!processes.empty()) intervals += element("small", processes);
  }
  const std::string few = few_samples_text(column, row);
  if (!few.empty()) intervals += element("small", "(" + few + " samples)");
  return cell_html(escape(values) + intervals, "n");
}

std::string table_html(std::string_view caption, const std::vector<Heading>& headings,
                       const std::string& bodies) {
  std::string head;
  for (const Heading& heading : headings) {
    head += fmt::format("<th scope=\"col\"{}>{}</th>", heading.number ? " class=\"n\"" : "",
                        escape(heading.text));
  }
  const std::string body =
      bodies.starts_with("<tbody") ? bodies : fmt::format("<tbody>\n{}</tbody>\n", bodies);
  return fmt::format(
      "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{}\">\n<table>\n"
      "<caption><span>{}</span></caption>\n<thead><tr>{}</tr></thead>\n{}</table>\n</div>\n",
      escape(caption), escape(caption), head, body);
}

}  // namespace ckptbench
