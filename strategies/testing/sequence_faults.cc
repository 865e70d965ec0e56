// The accidents of a drawn sequence.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "strategies/testing/sequence_run.h"

namespace ckptbench {
namespace {

using Event = TapeEvent::Kind;

constexpr uint64_t kNoSync = 1ULL << 40;
// What a child does before it is killed, at most; more file operations than most saves have.
constexpr uint64_t kOpsOfChild = 6;
constexpr uint64_t kFileOpsOfChild = 50;

// Files of this process end at so many bytes, for a scope.
class SmallFiles {
 public:
  explicit SmallFiles(uint64_t bytes) : old_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit small{.rlim_cur = bytes, .rlim_max = old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~SmallFiles() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_handler_);
  }
  SmallFiles(const SmallFiles&) = delete;
  SmallFiles& operator=(const SmallFiles&) = delete;

 private:
  rlimit old_{};
  void (*const old_handler_)(int);
};

}  // namespace

void SequenceRun::save_in_small_files(const DrawnOp& op) {
  const uint64_t bytes = op.b % 26'000;
  note(fmt::format("files end at {} bytes:", bytes));
  await_all();
  tape_.append({.kind = Event::kFault});
  {
    const SmallFiles limit(bytes);
    save(op);
    await_all();
  }
  tape_.append({.kind = Event::kNoFault});
  check_folder();
}

void SequenceRun::fail_a_sync(const DrawnOp& op) {
  await_all();
  drain(deletions_failed_);
  note(fmt::format("fsync {} fails:", op.b % 6 + 1));
  tape_.append({.kind = Event::kFault});
  recorder_.fail_fsync_after(op.b % 6);
  if (op.a % 3 != 0) {
    save(op);
    await_all();
    if (recorder_.has_failed() && model_.saves().back().state == ModelSave::State::kDurable) {
      throw Violation{"an fsync has failed, and the save counts as durable"};
    }
  } else {
    deletions_failed_ = true;
    retain(op);
    drain(true);
    deletions_failed_ = left_files_ = recorder_.has_failed();
  }
  recorder_.fail_fsync_after(kNoSync);
  tape_.append({.kind = Event::kNoFault});
}

void SequenceRun::damage(const DrawnOp& op) {
  await_all();
  close();
  std::vector<std::string> files;
  for (const std::string& file : list_files(folder_.path()).value()) {
    if (subject_.seq_of_file(file)) files.push_back(file);
  }
  if (!files.empty()) {
    const std::string& file = files[op.a % files.size()];
    const std::string path = folder_.path() + "/" + file;
    std::string bytes = read_file(path).value();
    const uint64_t kind = op.b % (subject_.checks_names ? 4 : 3);
    const std::string& other = files[op.b / 4 % files.size()];
    const std::string with = "put " + other + " in the place of";
    note(fmt::format("{} {}",
                     kind == 0   ? "delete"
                     : kind == 1 ? "cut"
                     : kind == 2 ? "flip a bit of"
                                 : with,
                     file));
    tape_.append({.kind = Event::kDamaged, .seq = *subject_.seq_of_file(file)});
    if (kind == 0) {
      std::filesystem::remove(path);
    } else if (kind == 1 || bytes.empty()) {
      bytes.resize(bytes.empty() ? 0 : op.b / 4 % bytes.size());
      std::filesystem::resize_file(path, bytes.size());
    } else {
      bytes[op.b / 4 % bytes.size()] ^= static_cast<char>(1 << (op.b / 4 % 8));
      if (kind == 3) bytes = read_file(folder_.path() + "/" + other).value();
      const Status written = write_file_atomically(path, bytes, Sync::kNo);
      if (!written) throw Violation{written.error().message};
    }
  }
  open_writer();
}

size_t SequenceRun::kill(const DrawnOp& op, size_t next) {
  const size_t end = std::min(sequence_.ops.size(), next + op.a % kOpsOfChild);
  note(fmt::format("kill a child within {} operations, at its file operation {}:", end - next,
                   op.b % kFileOpsOfChild + 1));
  close();
  const pid_t child = ::fork();
  if (child == 0) be_killed(op, next, end);
  int status = 0;
  ::waitpid(child, &status, 0);
  tape_.close_holes();
  for (; next < end; ++next) {
    note(fmt::format("  {} {} {}", op_name(sequence_.ops[next].kind), sequence_.ops[next].a % 16,
                     sequence_.ops[next].b % 16));
  }
  if (!WIFSIGNALED(status)) throw Violation{"in the child: " + tape_.left()};
  if (WTERMSIG(status) != SIGKILL) {
    throw Violation{fmt::format("the child died of signal {}", WTERMSIG(status))};
  }
  catch_up();
  for (const ModelSave& save : model_.saves()) step_ = std::max(step_, save.step);
  fills_ += 1000;  // the child has used some
  open_writer();
  check_all_restores();
  return end;
}

void SequenceRun::be_killed(const DrawnOp& op, size_t next, size_t end) {
  std::string violation;
  try {
    recorder_.kill_after(op.b % kFileOpsOfChild);
    open_writer();
    for (; next < end; ++next) {
      if (sequence_.ops[next].kind != DrawnOp::Kind::kDamage) do_op(sequence_.ops[next]);
    }
    ::kill(::getpid(), SIGKILL);
  } catch (const Violation& thrown) {
    violation = thrown.text;
  } catch (const std::exception& error) {
    violation = error.what();
  }
  tape_.leave(violation + "\n" + fmt::format("{}", fmt::join(done_, "\n")));
  ::_exit(3);
}

}  // namespace ckptbench
