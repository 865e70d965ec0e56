#include <algorithm>

#include "fuzz/fuzz_target.h"
#include "harness/core/one_line.h"

namespace ckptbench {

void must_hold(bool holds, std::string_view what) {
  if (!holds) throw FuzzFinding(std::string(what));
}

void must_be_one_line(std::string_view message) {
  must_hold(!message.empty(), "an error without a message");
  must_hold(message.size() <= kMaxLineBytes, "an error longer than one line may be");
  const bool plain = std::none_of(message.begin(), message.end(), is_control);
  must_hold(plain, "an error with control characters: " + one_line(message));
}

}  // namespace ckptbench
