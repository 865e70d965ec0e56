#include "harness/cli/command_list.h"

namespace ckptbench {

// A command adds one line here and one below; its row is in its own file.
CommandRow run_command();
CommandRow list_command();
CommandRow replay_command();
CommandRow report_command();
CommandRow explain_command();
CommandRow selftest_command();

const std::vector<CommandRow>& all_commands() {
  static const std::vector<CommandRow> rows{
      run_command(),    list_command(),    replay_command(),
      report_command(), explain_command(), selftest_command(),
  };
  return rows;
}

}  // namespace ckptbench
