// Runs the real ckptbench from a test, as a user would, and sees whether it leaves a process
// behind. The test process adopts every orphan (child subreaper), so none can hide. One thread.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "harness/core/record.h"
#include "harness/core/sanitized.h"
#include "harness/platform/files.h"
#include "harness/platform/process.h"

namespace ckptbench {

class BenchProcess {
 public:
  // Starts ckptbench with these arguments; stdout and stderr go to one file.
  explicit BenchProcess(const std::vector<std::string>& arguments);

  // Waits for its end; the test fails beyond ten minutes.
  ExitStatus wait();
  void signal(int number);
  std::string output() const;

 private:
  TempDir folder_;
  Process process_;
};

struct Finished {
  int exit_code = -1;
  std::string output;
};
Finished run_bench(const std::vector<std::string>& arguments);
// A line for sh, which may name bench_program(); its status and output.
Finished run_shell(const std::string& line);
std::string bench_program();

// Waits until every descendant of the test process is gone and reaped. False: some still run.
bool nothing_left();
// Until results.jsonl of `out` has this many whole lines.
void wait_for_records(const std::string& out, size_t count);
std::set<std::string> finished_ids(const std::string& out);
TempDir fresh_folder();
std::string write_suite(const std::string& folder, const std::string& text);
// Those of this class of a Python file.
std::vector<Record> of_class(const std::vector<Record>& records, const std::string& class_name);

// For tests of verdicts with several Python classes: none is shared by two of their processes
// there.
inline constexpr char kManyPythons[] =
    "dozens of processes with Python: minutes under a sanitizer, where "
    "OwnStrategy.OneThatIsRightPasses runs such a strategy";

// Kills at file operations and one at a moment, on `sync` and `torch-save`. Fewer under a
// sanitizer, where every worker starts anew.
inline constexpr size_t kFileOps = kSanitized ? 2 : 4;
inline constexpr size_t kSmallSuiteCells = 2 * (kFileOps + 1);
std::string small_suite();
// One kill on `sync`.
std::string one_trial_suite();

}  // namespace ckptbench
