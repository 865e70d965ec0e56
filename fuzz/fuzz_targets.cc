#include "fuzz/fuzz_target.h"

namespace ckptbench {

std::vector<FuzzTarget> fuzz_targets() {
  return {manifest_fuzz(), safetensors_fuzz(), container_fuzz(),
          journal_fuzz(),  suite_fuzz(),       directory_fuzz()};
}

}  // namespace ckptbench
