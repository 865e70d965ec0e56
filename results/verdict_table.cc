#include "results/verdict_table.h"

#include <fmt/format.h>

#include "harness/core/verdict.h"

namespace ckptbench {
namespace {

std::string rows(std::string_view kind, std::span<const VerdictWord> words) {
  std::string out;
  for (const VerdictWord& word : words) {
    out += fmt::format("| {} | {} | {} |\n", word.word, kind, word.meaning);
  }
  return out;
}

}  // namespace

std::string verdict_words_markdown() {
  return "| Word | Kind | Meaning |\n|---|---|---|\n" + rows("data verdict", data_words()) +
         rows("finding", finding_words()) + rows("outcome", outcome_words());
}

}  // namespace ckptbench
