// A fuzz target: an entry that reads hostile bytes and checks what the code under test made of
// them. The same entry runs under libFuzzer (fuzz_main.cc) and, over its seeds and all inputs that
// once found something, in a plain test of every build (fuzz_corpus_test.cc). Plain values; run()
// and mutate() from one thread.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/prng.h"

namespace ckptbench {

// Thrown by run(): what the code under test must never do.
class FuzzFinding : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// libFuzzer's own mutation of bytes that have no structure.
using BlindMutation = std::function<std::string(std::string_view)>;

struct FuzzTarget {
  std::string name;
  // Throws FuzzFinding, or dies under a sanitizer.
  void (*run)(std::string_view input);
  // A changed input that keeps the form which the parser looks at first. Empty: try blindly
  // instead.
  std::string (*mutate)(std::string_view input, Prng& random, const BlindMutation& blind);
  // Made from the golden checkpoints and the shipped suites.
  std::vector<std::string> (*seeds)();
};

// A target adds one line here, one in fuzz_targets.cc, and its name in CMakeLists.txt and
// scripts/fuzz.sh.
FuzzTarget manifest_fuzz();
FuzzTarget safetensors_fuzz();
FuzzTarget container_fuzz();
FuzzTarget journal_fuzz();
FuzzTarget suite_fuzz();
FuzzTarget directory_fuzz();
std::vector<FuzzTarget> fuzz_targets();

// Throws FuzzFinding unless `holds`.
void must_hold(bool holds, std::string_view what);
// An error is one line that a terminal can show: no control characters, of bounded length.
void must_be_one_line(std::string_view message);

}  // namespace ckptbench
