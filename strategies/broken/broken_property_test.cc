// The proof that the drawn sequences find something: they are drawn for strategies that are wrong
// on purpose, none of which they were made for, and for one that shares their code and is right.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <charconv>
#include <iostream>
#include <map>

#include "harness/core/sanitized.h"
#include "strategies/broken/broken_list.h"
#include "strategies/broken/file_strategy.h"
#include "strategies/testing/sequence_search.h"

namespace ckptbench {
namespace {

// What no call tells: memory, time, the claim of a list, and the meaning of a workload's own
// tensors.
const std::map<std::string, std::string> kNotStorage{
    {"broken-leak", "leaks descriptors and files of other names"},
    {"broken-leak-heap", "leaks memory"},
    {"broken-own-process", "works within one process"},
    {"broken-claims-more", "its files are right: the model compares no claims"},
    {"broken-hang", "never returns: the test would not either"},
    {"broken-epoch-start", "needs a loader's position by its name"}};

std::optional<uint64_t> seq_of_image(const std::string& file) {
  constexpr std::string_view kStem = "checkpoint-";
  uint64_t seq = 0;
  if (!file.starts_with(kStem) || !file.ends_with(".bin")) return std::nullopt;
  std::from_chars(file.data() + kStem.size(), file.data() + file.size(), seq);
  return seq;
}

SequenceSubject file_subject(const std::string& name, SequenceSubject::Open open) {
  return {.name = name,
          .open = std::move(open),
          .checks_retain = false,
          .takes_back = false,
          .checks_names = false,
          .lacks = {DrawnOp::Kind::kSecondWriter},
          .seq_of_file = seq_of_image};
}

TEST(SequencesOfFileStrategy, FindNothing) {
  const SequenceReport report =
      check_sequences(file_subject("file-strategy",
                                   [](const StrategyContext& context, const ParamText&) {
                                     return Result<std::unique_ptr<Strategy>>(
                                         std::make_unique<FileStrategy>(context));
                                   }),
                      kSanitized ? 10 : 40);
  EXPECT_TRUE(report.passed()) << report.text;
}

class SequencesOfBroken : public ::testing::TestWithParam<std::string> {};

TEST_P(SequencesOfBroken, FindWhatIsWrong) {
  const std::string name = GetParam();
  SequenceSubject subject =
      file_subject(name, [name](const StrategyContext& context, const ParamText&) {
        return make_broken({.name = name, .params = {}}, context);
      });
  subject.background = find_broken(name).value().background;
  const SequenceReport report = check_sequences(subject, 60);
  EXPECT_FALSE(report.passed()) << report.sequences << " sequences";
  std::cout << fmt::format("{}: in sequence {}, {} operations when shrunk: {}\n", name,
                           report.sequences, report.ops, report.what);
}

std::vector<std::string> storage_rows() {
  std::vector<std::string> names;
  for (const StrategyInfo& info : broken_strategies()) {
    if (!kNotStorage.contains(info.name)) names.push_back(info.name);
  }
  return names;
}

INSTANTIATE_TEST_SUITE_P(Rows, SequencesOfBroken, ::testing::ValuesIn(storage_rows()),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace ckptbench
