// Random sequences of calls and accidents against the plain model, for every native strategy and
// some compositions: a new row of the list is met without new test code.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <iostream>

#include "harness/core/sanitized.h"
#include "strategies/testing/contract_samples.h"
#include "strategies/testing/native_subject.h"
#include "strategies/testing/sequence_search.h"

namespace ckptbench {
namespace {

constexpr uint64_t kSequences = kSanitized ? 4 : 20;

class Property : public ::testing::TestWithParam<std::string> {};

TEST_P(Property, SequencesDoWhatTheModelSays) {
  const SequenceReport report = check_sequences(native_subject(GetParam()), kSequences);
  EXPECT_TRUE(report.passed()) << report.text;
  std::cout << fmt::format("{} sequences of {}\n", report.sequences, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Native, Property, ::testing::ValuesIn(keeping_compositions()),
                         [](const auto& info) { return test_name(info.param); });
INSTANTIATE_TEST_SUITE_P(Composed, Property, ::testing::ValuesIn(composed_samples()),
                         [](const auto& info) { return test_name(info.param); });

}  // namespace
}  // namespace ckptbench
