// The end of training: asks for the saves that are not decided yet, without a call that blocks, for
// as long as an honest save may take. Borrows everything; the training thread.
#pragma once

#include <cstdint>
#include <functional>

#include "harness/train/save_log.h"
#include "harness/train/saver.h"

namespace ckptbench {

class FinalPoll {
 public:
  // `operations`: of all kinds below the checkpoint directory so far; more of them are progress.
  FinalPoll(Saver& saver, const SaveLog& log, double deadline_s,
            std::function<uint64_t()> operations)
      : saver_(saver), log_(log), deadline_s_(deadline_s), operations_(std::move(operations)) {}

  // True when all are decided. False: nothing has shown any progress for half of the deadline and
  // the time that the longest save before took, and yet not for so long that the parent would call
  // it a hang; or it is `end`.
  bool run(Deadline end);

 private:
  double quiet_s() const;

  Saver& saver_;
  const SaveLog& log_;
  double deadline_s_;
  std::function<uint64_t()> operations_;
};

}  // namespace ckptbench
