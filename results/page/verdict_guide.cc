#include <fmt/format.h>

#include <vector>

#include "harness/core/verdict.h"
#include "results/markup.h"
#include "results/page/page.h"
#include "results/page/page_parts.h"

namespace ckptbench {
namespace {

template <class Words>
std::string word_list(std::string_view heading, const Words& words) {
  std::string out = fmt::format("<p>{}</p>\n<ul>\n", heading);
  for (const VerdictWord& word : words) {
    out += fmt::format("<li>{} {}</li>\n", badge(word.word, word.severity), escape(word.meaning));
  }
  return out + "</ul>\n";
}

}  // namespace

std::string verdict_guide_html() {
  const std::span<const VerdictWord> worst_first = data_words();
  const std::vector<VerdictWord> best_first(worst_first.rbegin(), worst_first.rend());
  return word_list("Verdicts, from the best to the worst:", best_first) +
         word_list("Findings, added to a verdict:", finding_words()) +
         word_list("Outcomes in place of a verdict, counted and never passes:", outcome_words());
}

}  // namespace ckptbench
