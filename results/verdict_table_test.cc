#include "results/verdict_table.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "harness/core/verdict.h"
#include "results/testing/documented_table.h"

namespace ckptbench {
namespace {

std::set<std::string> all_words() {
  std::set<std::string> words;
  for (const auto list : {data_words(), finding_words(), outcome_words()}) {
    for (const VerdictWord& word : list) words.emplace(word.word);
  }
  return words;
}

TEST(VerdictWords, AreThoseOfTheDocumentation) {
  expect_documented(CKPT_METRICS_DOC, "verdict words", verdict_words_markdown());
}

TEST(VerdictWords, StandInTheReadmeWhichHasNoOthers) {
  const auto readme = read_file(CKPT_README);
  ASSERT_TRUE(readme.ok()) << readme.error().message;
  const std::set<std::string> words = all_words();
  // The sample table cuts long words off with "…".
  const std::regex shape("[A-Z]{2,}(-[A-Z]+)*(?![A-Za-z-]|…)");
  std::set<std::string> found;
  const std::string& text = readme.value();
  for (std::sregex_iterator at(text.begin(), text.end(), shape), end; at != end; ++at) {
    found.insert(at->str());
    const bool hyphenated = at->str().find('-') != std::string::npos;
    EXPECT_TRUE(!hyphenated || words.contains(at->str())) << at->str();
  }
  for (const std::string& word : words) EXPECT_TRUE(found.contains(word)) << word;
}

}  // namespace
}  // namespace ckptbench
