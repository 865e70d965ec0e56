#include "strategies/stages.h"

namespace ckptbench {

// A stage adds one line here and one below; its row is in its own file.
StageRow blocking_stage();
StageRow staged_stage();
StageRow raw_stage();
StageRow dedup_stage();
StageRow planes_stage();
StageRow zstd_stage();
StageRow rank0_stage();
StageRow dir_stage();

const std::vector<StageRow>& native_stages() {
  static const std::vector<StageRow> rows{
      blocking_stage(), staged_stage(), raw_stage(),   dedup_stage(),
      planes_stage(),   zstd_stage(),   rank0_stage(), dir_stage(),
  };
  return rows;
}

}  // namespace ckptbench
