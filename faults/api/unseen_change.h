// What an undisturbed or a disturbed run shows of changes that no file operation accounts for. Made
// by faults/unseen.h, read by the fault kinds and by the judge. Plain value; no thread rule.
#pragma once

#include <string>
#include <utility>

namespace ckptbench {

// Stands for its sentence: both are given and taken where only words count.
struct UnseenChange {
  UnseenChange() = default;
  UnseenChange(std::string text) : why(std::move(text)) {}  // NOLINT(google-explicit-constructor)
  UnseenChange(const char* text) : why(text) {}             // NOLINT(google-explicit-constructor)

  bool empty() const { return why.empty(); }
  operator const std::string&() const { return why; }  // NOLINT(google-explicit-constructor)

  std::string why;      // one sentence; empty: nothing changed unseen
  bool unread = false;  // the harness could not read what is there: it cannot tell what changed
};

}  // namespace ckptbench
