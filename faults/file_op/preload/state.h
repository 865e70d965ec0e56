// The heart of libckptfault.so: what is armed, which operations below the root were seen, and the
// kill. Freestanding on purpose: it runs inside any program, in the middle of its file operations,
// so there is no allocation, no C++ runtime, and every system call of its own is a raw one that no
// hook sees.
//
// Threads: all functions from any, also after fork. The state is static because a preloaded library
// has no owner; nothing outside this folder reaches it.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace ckptfault {

enum class Op : uint8_t {
  kOpen,
  kWrite,
  kFsync,
  kRename,
  kLink,
  kUnlink,
  kMkdir,
  kRmdir,
  kTruncate,
  kClose,
};
inline constexpr int kOpCount = static_cast<int>(Op::kClose) + 1;

// How it is done, where the log says so. kDirect: a write past the page cache. kReserves: space is
// set aside.
enum class Manner : uint8_t { kPlain, kDirect, kReserves };

// What is left to do once the operation has been logged.
enum class Act : uint8_t { kNone, kBefore, kAfter, kPartial };

inline constexpr size_t kPathMax = 4096;

// A path relative to the root; "." is the root itself. Empty: not below the root.
struct RelativePath {
  char text[kPathMax];
  bool below() const { return text[0] != '\0'; }
};

// One operation below the root, from its log line to its kill.
struct Point {
  Act act = Act::kNone;
  Op op = Op::kOpen;
  uint64_t n = 0;
  uint64_t occurrence = 0;
  const char* path = nullptr;
};

bool armed();
bool is_log(int fd);

// Paths (paths.cc).
void set_root(const char* absolute);
void resolve(int folder_fd, const char* path, RelativePath& out);
void resolve_fd(int fd, RelativePath& out);
// The file mapped at this address; scans /proc/self/maps.
void resolve_address(const void* address, RelativePath& out);

// Logs the operation; kills if the rule says "before". Does not return while another operation is
// at the point of the kill. `path` and `to` outlive the Point; `to` is the second name of a rename
// or link, or null. Every begin is followed by an end, whatever became of the operation.
Point begin(Op op, const char* path, const char* to, uint64_t bytes, Manner manner);
// Kills if the rule said "after".
void end(const Point& point);
// Waits for the operations under way, writes the evidence, kills the job. Returns only when the
// evidence cannot be written; then the others go on.
void kill_at(const Point& point, const char* when);

// Logs that a file below the root can be written through memory from here on: what is stored there,
// and when, nobody sees.
void note_mapped(const char* path);

// Descriptors below the root. `find` returns null for those that are not.
struct Descriptor {
  const char* path;
  bool may_write;
};
void remember(int fd, const RelativePath& path, bool may_write);
void forget(int fd);
void duplicate(int from, int to);
// F_SETFL: of all descriptors of its file, as a duplicate has the same flags.
void forget_flags(int fd);
// Of writes to it. The kernel is asked once for each descriptor, not for each write. REQUIRES:
// found.
Manner manner_of(int fd);
// True and filled: below the root.
bool find(int fd, Descriptor& out);

// A call below the root that is no point: a sign of life.
void note_activity();
// Operations so far that may change something (all but closes), in the whole job, and the path of
// the last of them; 0 where nothing is armed.
uint64_t changes_so_far(char* last, size_t size);

// Null: no stamps are kept (stamps.h).
struct JobMemory;
JobMemory* stamped_job();
// REQUIRES: a Turn (job_memory.h). `about`: for the error where it cannot be written.
void log_line(const char* text, size_t bytes, const char* about);

void print_error(const char* text, const char* detail);
// `log` null or empty: operations are only counted, which a rule forbids. `shared`: where another
// process of the same job has mapped its counts ("/proc/7/fd/5"); null:
// this process begins a job.
int arm(const char* root, const char* rule, const char* log, const char* shared);

// What the programs that this one executes need (child_environment.cc). `root` null: nothing any
// more.
void set_armed_environment(const char* root, const char* rule, const char* log, const char* shared);

// Keeps errno across our own calls, so that the program sees only that of its own.
class KeepErrno {
 public:
  KeepErrno();
  ~KeepErrno();

 private:
  int saved_;
};

}  // namespace ckptfault
