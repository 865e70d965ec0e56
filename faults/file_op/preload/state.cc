#include "faults/file_op/preload/state.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "faults/file_op/preload/job_memory.h"
#include "faults/file_op/preload/rule_words.h"
#include "faults/file_op/preload/text.h"

namespace ckptfault {
namespace {

constexpr int kDescriptors = 1 << 16;
constexpr uint32_t kUnknown = 0;  // a descriptor nobody has looked at
constexpr uint32_t kOutside = 1;  // looked at: not below the root
constexpr uint32_t kMayWrite = 1;
constexpr uint32_t kAsked = 2;   // the next one is known
constexpr uint32_t kDirect = 4;  // O_DIRECT
constexpr uint32_t kPerPath = 8;

constexpr uint64_t kShortNs = 200'000;  // between two looks at what is waited for
constexpr uint64_t kUnderWayNs = 2'000'000'000;
constexpr uint64_t kHeldNs = 10'000'000'000;

struct State {
  bool armed;
  int log_fd;  // -1: nothing is logged
  int shared_fd;
  Rule rule;
  JobMemory* shared;
  // kUnknown, kOutside, or (path slot + 1) * kPerPath + the bits below it
  uint32_t descriptors[kDescriptors];
  int descriptors_top;  // the highest that may be set
};
// All zeros, so that it needs no constructor, which would run after the one that arms (entry.cc),
// and pages that are never touched cost nothing.
constinit State state{};

void nap() {
  const timespec time{0, static_cast<long>(kShortNs)};
  raw(SYS_nanosleep, reinterpret_cast<long>(&time));
}

bool log(const char* text, size_t bytes) {
  return raw(SYS_write, state.log_fd, reinterpret_cast<long>(text), static_cast<long>(bytes)) ==
         static_cast<long>(bytes);
}

// REQUIRES: a Turn, so that the order of the lines is the order of n.
bool log_operation(const Point& point, const char* to, uint64_t bytes, Manner manner) {
  Line<3 * kPathMax> line;
  line.add("{\"n\":").add(point.n).add(",\"op\":\"").add(op_word(point.op));
  line.add("\",\"path\":\"").add_escaped(point.path);
  if (to != nullptr) line.add("\",\"to\":\"").add_escaped(to);
  line.add("\",\"occurrence\":").add(point.occurrence);
  if (point.op == Op::kWrite) line.add(",\"bytes\":").add(bytes);
  if (manner == Manner::kDirect) line.add(",\"direct\":true");
  if (manner == Manner::kReserves) line.add(",\"reserves\":true");
  line.add(",\"pid\":").add(static_cast<uint64_t>(process_id()));
  line.add(",\"tid\":").add(static_cast<uint64_t>(raw(SYS_gettid))).add("}\n");
  return log(line.data(), line.size());
}

// REQUIRES: a Turn.
bool rule_kills(Op op, const char* path, const char* to, uint64_t occurrence) {
  const Rule& rule = state.rule;
  if (!rule.set || (!rule.any && rule.op != op)) return false;
  if (rule.when == When::kPartial && op != Op::kWrite) return false;
  if (rule.on_its_path) return occurrence == rule.occurrence && glob_matches(rule.path, path);
  if (!glob_matches(rule.path, path) && (to == nullptr || !glob_matches(rule.path, to)))
    return false;
  return ++state.shared->matches == rule.occurrence;
}

void store_descriptor(int fd, uint32_t value) {
  __atomic_store_n(&state.descriptors[fd], value, __ATOMIC_RELAXED);
  int top = __atomic_load_n(&state.descriptors_top, __ATOMIC_RELAXED);
  while (fd > top && !__atomic_compare_exchange_n(&state.descriptors_top, &top, fd, false,
                                                  __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
}

// Not where another thread has closed it meanwhile, and it is another file's.
void replace_descriptor(int fd, uint32_t from, uint32_t to) {
  __atomic_compare_exchange_n(&state.descriptors[fd], &from, to, false, __ATOMIC_RELAXED,
                              __ATOMIC_RELAXED);
}

void forget_descriptors() {
  // Only what was used: a fresh process must not fault in every page just to be armed.
  for (int fd = 0; fd <= state.descriptors_top; ++fd) state.descriptors[fd] = kUnknown;
  state.descriptors_top = -1;
}

// REQUIRES: a Turn.
void note_change(const PathSlot* slot) {
  ++state.shared->changes;
  state.shared->last_change =
      slot == nullptr ? 0 : static_cast<uint32_t>(slot - state.shared->slots + 1);
}

// Holds everybody back while an operation is at the point of the kill. A process that the kill does
// not reach, because it left the job's group, ends itself: its machine is gone.
void wait_until_open() {
  for (uint64_t waited = 0; __atomic_load_n(&state.shared->closed, __ATOMIC_ACQUIRE);
       waited += kShortNs) {
    if (waited > kHeldNs) raw(SYS_kill, process_id(), SIGKILL);
    nap();
  }
}

// All operations but the one at the point.
void wait_for_others() {
  for (uint64_t waited = 0; waited < kUnderWayNs; waited += kShortNs) {
    if (__atomic_load_n(&state.shared->under_way, __ATOMIC_ACQUIRE) <= 1) return;
    nap();
  }
}

}  // namespace

KeepErrno::KeepErrno() : saved_(errno) {}
KeepErrno::~KeepErrno() {
  errno = saved_;
}

bool armed() {
  return __atomic_load_n(&state.armed, __ATOMIC_ACQUIRE);
}
bool is_log(int fd) {
  return fd >= 0 && (fd == state.log_fd || fd == state.shared_fd);
}

void note_activity() {
  __atomic_add_fetch(&state.shared->activity, 1, __ATOMIC_RELAXED);
}

JobMemory* stamped_job() {
  return armed() && state.log_fd >= 0 && state.shared->stamps.enabled ? state.shared : nullptr;
}

void log_line(const char* text, size_t bytes, const char* about) {
  if (state.log_fd >= 0 && !log(text, bytes)) print_error("the log cannot be written", about);
}

uint64_t changes_so_far(char* last, size_t size) {
  if (size > 0) last[0] = '\0';
  if (!armed()) return 0;
  const Turn turn(*state.shared);
  const uint32_t slot = state.shared->last_change;
  if (slot == 0 || size == 0) return state.shared->changes;
  const char* path = state.shared->arena + state.shared->slots[slot - 1].text;
  const size_t length = strlen(path);
  if (length + 1 <= size) memcpy(last, path, length + 1);
  return state.shared->changes;
}

void print_error(const char* text, const char* detail) {
  Line<1024> line;
  line.add("ckptfault: ").add(text).add(": ").add(detail).add("\n");
  raw(SYS_write, 2, reinterpret_cast<long>(line.data()), static_cast<long>(line.size()));
}

Point begin(Op op, const char* path, const char* to, uint64_t bytes, Manner manner) {
  const KeepErrno keep;
  Point point;
  point.op = op;
  point.path = path;
  for (bool logged = false; !logged;) {
    wait_until_open();
    const Turn turn(*state.shared);
    if (state.shared->closed) continue;
    PathSlot* slot = slot_of(*state.shared, path);
    if (slot != nullptr) point.occurrence = ++slot->count[static_cast<int>(op)];
    point.n = ++state.shared->n;
    note_activity();
    if (op != Op::kClose) note_change(slot);
    if (state.log_fd >= 0 && !log_operation(point, to, bytes, manner))
      print_error("the log cannot be written", path);
    __atomic_add_fetch(&state.shared->under_way, 1, __ATOMIC_ACQ_REL);
    if (rule_kills(op, path, to, point.occurrence)) {
      // From here on no other operation begins.
      __atomic_store_n(&state.shared->closed, true, __ATOMIC_RELEASE);
      point.act = state.rule.when == When::kPartial ? Act::kPartial
                  : state.rule.when == When::kAfter ? Act::kAfter
                                                    : Act::kBefore;
    }
    logged = true;
  }
  if (point.act == Act::kBefore) kill_at(point, "before");
  return point;
}

void end(const Point& point) {
  const KeepErrno keep;
  if (point.act == Act::kAfter) kill_at(point, "after");
  __atomic_sub_fetch(&state.shared->under_way, 1, __ATOMIC_ACQ_REL);
}

void kill_at(const Point& point, const char* when) {
  wait_for_others();
  Line<2 * kPathMax> line;
  line.add("{\"fault\":\"kill\",\"kind\":\"file_op\",\"n\":").add(point.n);
  line.add(",\"op\":\"").add(op_word(point.op)).add("\",\"path\":\"").add_escaped(point.path);
  line.add("\",\"occurrence\":").add(point.occurrence).add(",\"when\":\"").add(when);
  line.add("\",\"pid\":").add(static_cast<uint64_t>(process_id())).add("}\n");
  if (!log(line.data(), line.size())) {
    // A death without evidence could not be told from a crash of the program's own.
    print_error("the log cannot be written, the kill is not carried out", point.path);
    __atomic_store_n(&state.shared->closed, false, __ATOMIC_RELEASE);
    return;
  }
  raw(SYS_kill, state.shared->job, SIGKILL);
  raw(SYS_kill, process_id(), SIGKILL);
  for (;;) raw(SYS_pause);
}

void note_mapped(const char* path) {
  const KeepErrno keep;
  Line<2 * kPathMax> line;
  line.add("{\"mapped\":\"").add_escaped(path).add("\"}\n");
  const Turn turn(*state.shared);
  log_line(line.data(), line.size(), path);
}

void remember(int fd, const RelativePath& path, bool may_write) {
  if (fd < 0 || fd >= kDescriptors) return;
  uint32_t value = kOutside;
  if (path.below()) {
    const Turn turn(*state.shared);
    const PathSlot* slot = slot_of(*state.shared, path.text);
    value = slot == nullptr ? kUnknown
                            : static_cast<uint32_t>(slot - state.shared->slots + 1) * kPerPath +
                                  (may_write ? kMayWrite : 0);
  }
  store_descriptor(fd, value);
}

void forget(int fd) {
  if (fd >= 0 && fd < kDescriptors) {
    __atomic_store_n(&state.descriptors[fd], kUnknown, __ATOMIC_RELAXED);
  }
}

void duplicate(int from, int to) {
  if (to < 0 || to >= kDescriptors) return;
  const uint32_t value = from >= 0 && from < kDescriptors
                             ? __atomic_load_n(&state.descriptors[from], __ATOMIC_RELAXED)
                             : kUnknown;
  store_descriptor(to, value);
}

bool find(int fd, Descriptor& out) {
  if (fd < 0 || fd >= kDescriptors || is_log(fd)) return false;
  uint32_t value = __atomic_load_n(&state.descriptors[fd], __ATOMIC_RELAXED);
  if (value == kUnknown) {  // opened before we were armed, or by something we do not hook
    const KeepErrno keep;
    RelativePath path;
    resolve_fd(fd, path);
    const long flags = raw(SYS_fcntl, fd, F_GETFL);
    remember(fd, path, flags >= 0 && (flags & O_ACCMODE) != O_RDONLY);
    value = __atomic_load_n(&state.descriptors[fd], __ATOMIC_RELAXED);
  }
  if (value == kUnknown || value == kOutside) return false;
  out.path = state.shared->arena + state.shared->slots[value / kPerPath - 1].text;
  out.may_write = (value & kMayWrite) != 0;
  return true;
}

void forget_flags(int fd) {
  if (!armed() || fd < 0 || fd >= kDescriptors) return;
  const uint32_t path = __atomic_load_n(&state.descriptors[fd], __ATOMIC_RELAXED) / kPerPath;
  if (path == 0) return;
  const int top = __atomic_load_n(&state.descriptors_top, __ATOMIC_RELAXED);
  for (int other = 0; other <= top; ++other) {
    uint32_t value = __atomic_load_n(&state.descriptors[other], __ATOMIC_RELAXED);
    if (value / kPerPath == path) replace_descriptor(other, value, value & ~(kAsked | kDirect));
  }
}

Manner manner_of(int fd) {
  const uint32_t value = __atomic_load_n(&state.descriptors[fd], __ATOMIC_RELAXED);
  if ((value & kAsked) != 0) return (value & kDirect) != 0 ? Manner::kDirect : Manner::kPlain;
  const KeepErrno keep;
  const long flags = raw(SYS_fcntl, fd, F_GETFL);
  const bool direct = flags >= 0 && (flags & O_DIRECT) != 0;
  if (value >= kPerPath) replace_descriptor(fd, value, value | kAsked | (direct ? kDirect : 0));
  return direct ? Manner::kDirect : Manner::kPlain;
}

int arm(const char* root, const char* rule, const char* log, const char* shared) {
  __atomic_store_n(&state.armed, false, __ATOMIC_SEQ_CST);
  Rule parsed;
  if (root == nullptr || root[0] == '\0') {
    set_armed_environment(nullptr, nullptr, nullptr, nullptr);
    return 0;
  }
  if (root[0] != '/') {
    print_error("the root folder must be an absolute path", root);
    return -1;
  }
  if (rule != nullptr && rule[0] != '\0' && !parse_rule(rule, parsed)) {
    print_error("rule not understood, expected 'kill OPERATION PATH OCCURRENCE WHEN'", rule);
    return -1;
  }
  const bool logs = log != nullptr && log[0] != '\0';
  const long log_fd = logs ? raw(SYS_openat, AT_FDCWD, reinterpret_cast<long>(log),
                                 O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)
                           : -1;
  if (logs && log_fd < 0) {
    print_error("the log cannot be opened", log);
    return -1;
  }
  if (!logs && parsed.set) {
    print_error("a rule needs a log for its evidence", rule);
    return -1;
  }
  const bool joins = shared != nullptr && shared[0] != '\0';
  int shared_fd = -1;
  JobMemory* counts = joins ? join_job(shared, shared_fd) : begin_job(shared_fd);
  if (counts == nullptr) {
    print_error("no memory shared with the job", joins ? shared : root);
    return -1;
  }
  if (!joins) counts->stamps.enabled = logs && keeps_times(root);
  if (state.shared != nullptr) {
    if (state.log_fd >= 0) raw(SYS_close, state.log_fd);
    raw(SYS_close, state.shared_fd);
  }
  state.shared = counts;
  state.shared_fd = shared_fd;
  forget_descriptors();
  set_root(root);
  state.rule = parsed;
  state.log_fd = move_up(log_fd);
  char own[64] = {};
  if (!joins) {
    Line<63> line;
    line.add("/proc/").add(static_cast<uint64_t>(process_id())).add("/fd/");
    line.add(static_cast<uint64_t>(shared_fd));
    memcpy(own, line.data(), line.size());
  }
  set_armed_environment(root, rule, logs ? log : "", joins ? shared : own);
  __atomic_store_n(&state.armed, true, __ATOMIC_SEQ_CST);
  return 0;
}

}  // namespace ckptfault
