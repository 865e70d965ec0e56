// Completeness: real programs run beneath the preload library and under strace at once; the
// kernel's list of operations that can change what is below the root must equal the library's log,
// in order.
#include <gmock/gmock.h>

#include <array>
#include <optional>
#include <regex>
#include <sstream>

#include "faults/testing/probe_run.h"
#include "harness/core/sanitized.h"

namespace ckptbench {
namespace {

// One line of strace -f -y: "7 write(3</root/a>, ""..., 8) = 8".
struct Call {
  std::string name;
  std::string arguments;
  std::string result;
};

// By hand: a line may be long, and std::regex recurses once a character.
std::optional<Call> parse_call(const std::string& line) {
  const size_t name = line.find_first_not_of("0123456789 ");
  const size_t open = line.find('(');
  const size_t equals = line.rfind(" = ");
  if (name == std::string::npos || open == std::string::npos || equals == std::string::npos) {
    return std::nullopt;
  }
  const size_t close = line.rfind(')', equals);
  if (name > open || close == std::string::npos || close < open) return std::nullopt;
  const std::string word = line.substr(name, open - name);
  if (word.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789") != std::string::npos) {
    return std::nullopt;
  }
  return Call{word, line.substr(open + 1, close - open - 1), line.substr(equals + 3)};
}

// Turns the kernel's view into the words of the log.
class KernelLog {
 public:
  explicit KernelLog(std::string root) : root_(std::filesystem::canonical(root).string()) {}

  void add(const Call& call) {
    if (call.name.starts_with("open") || call.name == "creat") return add_open(call);
    if (call.name == "close") return add_close(call);
    if (call.name.starts_with("dup") || call.name == "fcntl") return add_duplicate(call);
    static const std::map<std::string, std::string> kByName{
        {"rename", "rename"},  {"renameat", "rename"}, {"renameat2", "rename"},
        {"link", "link"},      {"linkat", "link"},     {"symlink", "link"},
        {"symlinkat", "link"}, {"unlink", "unlink"},   {"rmdir", "rmdir"},
        {"mkdir", "mkdir"},    {"mkdirat", "mkdir"},   {"truncate", "truncate"}};
    static const std::map<std::string, std::string> kByDescriptor{
        {"write", "write"},   {"pwrite64", "write"},     {"writev", "write"},
        {"pwritev", "write"}, {"pwritev2", "write"},     {"sendfile", "write"},
        {"fsync", "fsync"},   {"fdatasync", "fsync"},    {"sync_file_range", "fsync"},
        {"syncfs", "fsync"},  {"ftruncate", "truncate"}, {"fallocate", "truncate"}};
    if (kByName.contains(call.name)) return add_names(kByName.at(call.name), call);
    if (call.name == "unlinkat") {
      const bool folder = call.arguments.find("AT_REMOVEDIR") != std::string::npos;
      return add_names(folder ? "rmdir" : "unlink", call);
    }
    const auto files = described_files(call.arguments);
    if (kByDescriptor.contains(call.name) && !files.empty()) {
      return note(kByDescriptor.at(call.name), files[0]);
    }
    if (call.name == "copy_file_range" && files.size() == 2) note("write", files[1]);
    if (call.name == "msync") operations_.push_back("fsync a");  // the probe maps only this file
  }
  const std::vector<std::string>& operations() const { return operations_; }

 private:
  // Paths of the descriptors, in order of appearance: as opened, as the log has them. -y prints the
  // names of the moment, which a rename changes.
  std::vector<std::string> described_files(const std::string& text) const {
    static const std::regex kFile(R"((\d+)<([^>]*)>)");
    std::vector<std::string> files;
    for (std::sregex_iterator it(text.begin(), text.end(), kFile), end; it != end; ++it) {
      const auto opened = opened_.find(std::stoi((*it)[1]));
      files.push_back(opened == opened_.end() ? (*it)[2].str() : opened->second);
    }
    return files;
  }
  static int descriptor(const std::string& text) { return std::stoi(text); }

  std::string relative(const std::string& path) const {
    const std::string clean = std::filesystem::path(path).lexically_normal().string();
    if (clean == root_ || clean == root_ + "/") return ".";
    if (!clean.starts_with(root_ + "/")) return "";
    std::string inside = clean.substr(root_.size() + 1);
    if (inside.ends_with("/")) inside.pop_back();
    return inside;
  }
  void note(const std::string& operation, const std::string& path) {
    const std::string inside = relative(path);
    if (!inside.empty()) operations_.push_back(operation + " " + inside);
  }
  void add_open(const Call& call) {
    const bool made = call.name == "creat";
    const bool writes = made || call.arguments.find("O_WRONLY") != std::string::npos ||
                        call.arguments.find("O_RDWR") != std::string::npos;
    const bool counts = writes || call.arguments.find("O_CREAT") != std::string::npos ||
                        call.arguments.find("O_TRUNC") != std::string::npos;
    if (counts) add_names("open", call);
    if (!std::isdigit(call.result[0])) return;
    const int fd = descriptor(call.result);
    opened_.erase(fd);
    const auto files = described_files(call.result);
    if (!files.empty()) opened_[fd] = files[0];
    writable_[fd] = writes;
  }
  void add_close(const Call& call) {
    const int fd = descriptor(call.arguments);
    const auto files = described_files(call.arguments);
    if (writable_[fd] && !files.empty()) note("close", files[0]);
    writable_.erase(fd);
    opened_.erase(fd);
  }
  void add_duplicate(const Call& call) {
    if (call.name == "fcntl" && call.arguments.find("F_DUPFD") == std::string::npos) return;
    if (!std::isdigit(call.result[0])) return;
    const int from = descriptor(call.arguments);
    const int to = descriptor(call.result);
    writable_[to] = writable_[from];
    opened_.erase(to);
    if (opened_.contains(from)) opened_[to] = opened_[from];
  }
  // Every quoted name, relative to the folder descriptor before it, or to where chdir led.
  void add_names(const std::string& operation, const Call& call) {
    static const std::regex kName(R"re((?:(?:\d+|AT_FDCWD)<([^>]*)>, )?"([^"]*)")re");
    std::vector<std::string> names;
    for (std::sregex_iterator it(call.arguments.begin(), call.arguments.end(), kName), end;
         it != end; ++it) {
      const std::string base = (*it)[1].matched ? (*it)[1].str() : root_;
      const std::string inside = relative((std::filesystem::path(base) / (*it)[2].str()).string());
      names.push_back(inside);
    }
    if (call.name.starts_with("symlink")) names.erase(names.begin());
    std::string text;
    for (const std::string& name : names) text += name.empty() ? "" : " " + name;
    // The probe's mkstemp, whose log line carries the template.
    static const std::regex kMade("^ t[A-Za-z0-9]{6}$");
    if (operation == "open" && std::regex_match(text, kMade)) text = " tXXXXXX";
    if (!text.empty()) operations_.push_back(operation + text);
  }

  std::string root_;
  std::map<int, bool> writable_;
  std::map<int, std::string> opened_;
  std::vector<std::string> operations_;
};

constexpr const char* kTraced =
    "trace=open,openat,openat2,creat,close,dup,dup2,dup3,fcntl,rename,renameat,renameat2,link,"
    "linkat,"
    "symlink,symlinkat,unlink,unlinkat,rmdir,mkdir,mkdirat,truncate,ftruncate,fallocate,write,"
    "pwrite64,writev,pwritev,pwritev2,sendfile,copy_file_range,fsync,fdatasync,sync_file_range,"
    "syncfs,msync";

bool can_trace() {
  SpawnOptions options;
  options.argv = {"strace", "-o", "/dev/null", "true"};
  options.err = Stdio::null();
  auto process = Process::spawn(options);
  if (!process || process.value().wait(Until::seconds(20)) != WaitEnd::kReady) return false;
  return process.value().status()->exited && process.value().status()->exit_code == 0;
}

class StraceTest : public ProbeRun {
 protected:
  void SetUp() override {
    ProbeRun::SetUp();
    if (!can_trace()) GTEST_SKIP() << "strace is missing or ptrace is not permitted here";
  }

  // Runs the program traced; checks that both logs are equal and long enough to mean something.
  void compare(const std::vector<std::string>& program, size_t at_least) {
    const std::string trace = folder_.path() + "/trace";
    std::vector<std::string> argv{"strace", "-f", "-y", "-s", "4096", "-o", trace, "-E"};
    argv.push_back("LD_PRELOAD=" + ld_preload(CKPT_FAULT_LIBRARY));
    for (const std::string& name : {"CKPTFAULT_ROOT=" + root_, "CKPTFAULT_LOG=" + log_}) {
      argv.insert(argv.end(), {"-E", name});
    }
    argv.insert(argv.end(), program.begin(), program.end());
    SpawnOptions options;
    options.argv = argv;
    options.environment = {"ASAN_OPTIONS=detect_leaks=0"};  // leak checks cannot run under ptrace
    options.err = Stdio::file(folder_.path() + "/stderr");
    ASSERT_EQ(finish(options).exit_code, 0) << read_file(folder_.path() + "/stderr").value();

    KernelLog kernel(root_);
    std::ifstream file(trace);
    for (std::string line; std::getline(file, line);) {
      if (const auto call = parse_call(line)) kernel.add(*call);
    }
    const std::vector<std::string> ours = our_operations();
    EXPECT_THAT(ours, testing::ElementsAreArray(kernel.operations()));
    EXPECT_GE(ours.size(), at_least);
  }
  void compare_python(const std::string& script, size_t at_least) {
    if (std::string(CKPT_PYTHON).empty()) GTEST_SKIP() << "built without torch";
    compare({CKPT_PYTHON, "-c", "import os, sys\nroot = sys.argv[1]\n" + script, root_}, at_least);
  }

  std::vector<std::string> our_operations() const {
    std::vector<std::string> out;
    for (const auto& line : log_lines(log_)) {
      if (line.contains("mapped")) continue;  // the mmap of a call, not an operation
      std::string text =
          line.at("op").get<std::string>() + " " + line.at("path").get<std::string>();
      if (line.contains("to")) text += " " + line.at("to").get<std::string>();
      out.push_back(text);
    }
    return out;
  }
};

TEST_F(StraceTest, Commit) {
  compare({CKPT_FAULT_PROBE, "commit", root_}, 6);
}
TEST_F(StraceTest, CppStreams) {
  compare({CKPT_FAULT_PROBE, "streams", root_}, 10);
}
TEST_F(StraceTest, CStdio) {
  compare({CKPT_FAULT_PROBE, "stdio", root_}, 15);
}
TEST_F(StraceTest, NamesAndFolders) {
  compare({CKPT_FAULT_PROBE, "names", root_}, 25);
}

TEST_F(StraceTest, Descriptors) {
  compare({CKPT_FAULT_PROBE, "descriptors", root_}, 20);
}

TEST_F(StraceTest, PythonFiles) {
  compare_python(R"(
with open(root + '/a.tmp', 'wb') as f:
    f.write(b'x' * 100000)
    f.flush()
    os.fsync(f.fileno())
os.replace(root + '/a.tmp', root + '/a')
fd = os.open(root, os.O_RDONLY)
os.fsync(fd)
os.close(fd)
import shutil, tempfile, pathlib
shutil.copyfile(root + '/a', root + '/b')
os.makedirs(root + '/d/e')
pathlib.Path(root + '/d/e/t').write_text('text')
with tempfile.NamedTemporaryFile(dir=root) as f:
    f.write(b'1')
shutil.rmtree(root + '/d')
)",
                 20);
}

TEST_F(StraceTest, PythonCheckpoints) {
  if (kSanitized) {
    GTEST_SKIP()
        << "imports of torch, traced: two minutes; the program is no other one than in the "
           "release build";
  }
  compare_python(R"(
import torch, torch.distributed.checkpoint as dcp
from safetensors.torch import save_file
torch.set_num_threads(1)
torch.save({'a': torch.arange(100000)}, root + '/t.pt')
with open(root + '/u.pt', 'wb') as f:
    torch.save({'a': torch.arange(10)}, f)
save_file({'a': torch.arange(100000), 'b': torch.ones(3)}, root + '/s.safetensors')
dcp.save({'a': torch.arange(1000)}, checkpoint_id=root + '/dcp')
)",
                 15);
}

// The comparison itself must be able to fail: without the library nothing is logged.
TEST_F(StraceTest, KernelLogSeesWhatTheLibraryDoesNot) {
  KernelLog kernel(root_);
  for (const std::string& line : std::vector<std::string>{
           "7 openat(AT_FDCWD</>, \"" + root_ + "/a\", O_WRONLY|O_CREAT, 0644) = 3<" + root_ +
               "/a>",
           "7 write(3<" + root_ + "/a>, \"x\", 1) = 1", "7 close(3<" + root_ + "/a>) = 0",
           "7 openat(AT_FDCWD</>, \"/etc/a\", O_WRONLY|O_CREAT, 0644) = 3</etc/a>",
           "7 write(3</etc/a>, \"x\", 1) = 1"}) {
    const auto call = parse_call(line);
    ASSERT_TRUE(call.has_value()) << line;
    kernel.add(*call);
  }
  EXPECT_THAT(kernel.operations(), testing::ElementsAre("open a", "write a", "close a"));
}

}  // namespace
}  // namespace ckptbench
