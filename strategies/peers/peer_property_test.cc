// Drawn sequences of the libtorch peer, which overwrites its only file.
#include <gtest/gtest.h>

#include "strategies/peers/peer_list.h"
#include "strategies/testing/sequence_search.h"

namespace ckptbench {
namespace {

using Op = DrawnOp::Kind;

SequenceSubject torch_save_subject() {
  return {.name = "torch-save",
          .open =
              [](const StrategyContext& context, const ParamText&) {
                return make_peer({.name = "torch-save", .params = {}}, context);
              },
          .background = false,
          .keeps_one = true,
          .weights_only = false,
          .lacks = {Op::kSecondWriter, Op::kRetain, Op::kDamage, Op::kSmallFiles, Op::kFailingSync,
                    Op::kKill}};
}

TEST(TorchSaveSequences, DoWhatTheModelSays) {
  const SequenceReport report = check_sequences(torch_save_subject(), 20);
  EXPECT_TRUE(report.passed()) << report.text;
}

// Why the accidents are left out above: suites/known_failures.toml has the public report.
TEST(TorchSaveSequences, AFailedSaveTakesTheOneBeforeAway) {
  SequenceSubject subject = torch_save_subject();
  subject.lacks.erase(Op::kSmallFiles);
  const SequenceReport report = check_sequences(subject, 40);
  EXPECT_NE(report.what.find("is to be kept"), std::string::npos) << report.text;
}

}  // namespace
}  // namespace ckptbench
