// The preload library's own reading of a rule (faults/file_op/rule.h has the text form and the
// checks with helpful errors; a test holds both to the same verdict). Plain values.
#pragma once

#include <stdint.h>

#include "faults/file_op/preload/state.h"

namespace ckptfault {

enum class When : uint8_t { kBefore, kAfter, kPartial };

struct Rule {
  bool set = false;
  bool any = false;
  Op op = Op::kOpen;
  When when = When::kBefore;
  uint64_t occurrence = 0;
  bool on_its_path = false;
  char path[kPathMax] = {};
};

const char* op_word(Op op);
bool parse_rule(const char* text, Rule& out);

}  // namespace ckptfault
