// Drawn sequences of the libtorch peer, which overwrites its only file.
#include <gtest/gtest.h>

#include "strategies/peers/peer_list.h"
#include "strategies/testing/sequence_search.h"

namespace ckptbench {
namespace {

using Op = DrawnOp::Kind;

// Without accidents: torch's writer throws from a destructor where a write fails, which ends the
// process. suites/known_failures.toml lists what a kill does to its one file.
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

}  // namespace
}  // namespace ckptbench
