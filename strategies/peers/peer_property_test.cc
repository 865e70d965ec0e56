// Drawn sequences of every peer of the list, in one process, which starts Python once.
//
// A peer meets the accidents that its claim allows. What none stands, and why:
//   a second writer   they know no lease
//   damage            they claim to survive a process, or power: what is damaged at rest has no
//                     checksum, and their documented ways to restore do not fall back
// The rest is in the rows below.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "harness/core/sanitized.h"
#include "strategies/peers/peer_list.h"
#include "strategies/testing/sequence_search.h"

namespace ckptbench {
namespace {

using Op = DrawnOp::Kind;

struct Lacking {
  const char* name;
  std::set<Op> lacks;
  const char* reason;
};

constexpr const char* kInPlace =
    "writes under the final name: suites/known_failures.toml lists what a kill leaves, and a full "
    "disk leaves the same";

const std::vector<Lacking>& lacking() {
  static const std::vector<Lacking> rows{
      {"torch-save",
       {Op::kRetain, Op::kKill, Op::kSmallFiles},
       "keeps one file, over which it writes: there is nothing to retain, and known_failures.toml "
       "lists a kill; libtorch's writer throws from a destructor where a write fails, which ends "
       "the process"},
      {"python:torch_save", {Op::kKill, Op::kSmallFiles}, kInPlace},
      {"python:torch_save_durable", {}, ""},
      {"python:safetensors", {Op::kKill, Op::kSmallFiles}, kInPlace},
      {"python:dcp", {}, ""},
      {"python:dcp_async",
       {Op::kKill},
       "a process may be forked with Python in it only while it has no thread of Python's, and "
       "torch keeps those of the background writer"}};
  return rows;
}

// Those that keep several are Python classes, which number by the step.
SequenceSubject subject_of(const Lacking& row) {
  const std::string name = row.name;
  const StrategyInfo info = find_peer(name).value();
  const bool is_python = name.starts_with("python:");
  SequenceSubject subject{
      .name = name,
      .open = [name](const StrategyContext& context,
                     const ParamText&) { return make_peer({.name = name, .params = {}}, context); },
      .background = info.background,
      .keeps_one = !is_python,
      .weights_only = false,
      .checks_retain = false,
      .takes_back = false,  // where the sync of the folder fails, it is listed
      .numbers_by_step = is_python,
      .tells_retired = !is_python,
      .joins_at_close = !info.background,
      .lacks = row.lacks};
  subject.lacks.insert({Op::kSecondWriter, Op::kDamage});
  return subject;
}

class PeerSequences : public ::testing::TestWithParam<Lacking> {};

TEST_P(PeerSequences, DoWhatTheModelSays) {
  const SequenceReport report = check_sequences(subject_of(GetParam()), kSanitized ? 3 : 12);
  EXPECT_TRUE(report.passed()) << report.text;
  for (const StrategyInfo& info : peer_strategies()) {
    if (info.name == GetParam().name) return;
  }
  FAIL() << GetParam().name << " is not listed";
}

TEST(RowsOfPeerSequences, AreDrawnForEveryPeerOfTheList) {
  std::set<std::string> drawn;
  for (const Lacking& row : lacking()) {
    EXPECT_EQ(row.lacks.empty(), std::string(row.reason).empty()) << row.name;
    drawn.insert(row.name);
  }
  for (const StrategyInfo& info : peer_strategies()) EXPECT_TRUE(drawn.contains(info.name));
}

INSTANTIATE_TEST_SUITE_P(Listed, PeerSequences, ::testing::ValuesIn(lacking()),
                         [](const auto& info) {
                           std::string name = info.param.name;
                           std::replace_if(
                               name.begin(), name.end(),
                               [](char c) { return c == ':' || c == '-'; }, '_');
                           return name;
                         });

}  // namespace
}  // namespace ckptbench
