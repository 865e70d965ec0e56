#include "results/page_parts.h"

#include <fmt/format.h>

#include "results/format.h"
#include "results/html.h"

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

std::string estimate_cell(const Estimate& estimate, double scale, const std::string& more) {
  std::string inner = escape(format_value(estimate, scale));
  if (estimate.count > 1) {
    const std::string few =
        estimate.count < kFewSamples ? fmt::format(" (of {})", estimate.count) : "";
    inner += element("small", fmt::format("{} – {}{}", format_number(estimate.low * scale),
                                          format_number(estimate.high * scale), few));
  }
  if (!more.empty()) inner += element("small", more);
  return cell_html(inner, "n");
}

std::string table_html(const std::vector<Heading>& headings, const std::string& rows) {
  std::string head;
  for (const Heading& heading : headings) {
    head += element("th", heading.text, heading.number ? "n" : "");
  }
  return fmt::format("<table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody>\n</table>\n", head,
                     rows);
}

}  // namespace ckptbench
