#include "faults/file_op/preload/state.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "faults/file_op/preload/rule_words.h"
#include "faults/file_op/preload/text.h"

namespace ckptfault {
namespace {

constexpr uint32_t kPathSlots = 1 << 14;  // an index of 16 bits counts them
constexpr uint32_t kArenaBytes = 2 << 20;
constexpr int kDescriptors = 1 << 16;
constexpr uint32_t kUnknown = 0;  // a descriptor nobody has looked at
constexpr uint32_t kOutside = 1;  // looked at: not below the root

constexpr int kHighDescriptor = 900;    // above those that programs use and close by hand
constexpr uint64_t kShortNs = 200'000;  // between two looks at what is waited for
constexpr uint64_t kUnderWayNs = 2'000'000'000;
constexpr uint64_t kHeldNs = 10'000'000'000;

struct PathSlot {
  uint32_t text;  // offset into the arena
  uint32_t count[kOpCount];
};

// What the processes of a job have in common. Its pages cost nothing until they are touched.
struct Shared {
  pthread_mutex_t turn;
  int job;  // what a kill ends, as of kill(2)
  uint64_t n;
  uint64_t matches;
  uint32_t under_way;  // operations between begin and end
  bool closed;         // one of them is at the point of the kill: no other may begin
  uint32_t arena_used;
  uint32_t slots_used;
  bool reported_full;
  // Hash table: path slot + 1, 0: free. Apart from the slots, which fill one after the other: slots
  // scattered by hash would fault in a page per new path, and look like a leak of the strategy's.
  uint16_t index[kPathSlots];
  PathSlot slots[kPathSlots];
  char arena[kArenaBytes];
};

struct State {
  bool armed;
  int log_fd;
  int shared_fd;
  Rule rule;
  Shared* shared;
  // kUnknown, kOutside, or (path slot + 1) * 2 + may_write
  uint32_t descriptors[kDescriptors];
  int descriptors_top;  // the highest that may be set
};
// All zeros, so that it needs no constructor, which would run after the one that arms (entry.cc),
// and pages that are never touched cost nothing.
constinit State state{};

long raw(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  return ::syscall(number, a, b, c, d, e, f);
}
int process_id() {
  return static_cast<int>(raw(SYS_getpid));
}
void nap() {
  const timespec time{0, static_cast<long>(kShortNs)};
  raw(SYS_nanosleep, reinterpret_cast<long>(&time));
}

// One thread of one process at a time. The guarded data stays readable at every moment, so that a
// lock whose holder was killed is taken over as it is.
class Turn {
 public:
  Turn() {
    if (pthread_mutex_lock(&state.shared->turn) == EOWNERDEAD) {
      pthread_mutex_consistent(&state.shared->turn);
    }
  }
  ~Turn() { pthread_mutex_unlock(&state.shared->turn); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
};

// REQUIRES: a Turn, and a free entry, published last. Null when the arena is full.
PathSlot* new_slot(const char* path, uint16_t& entry) {
  const size_t length = strlen(path) + 1;
  if (state.shared->arena_used + length > kArenaBytes || state.shared->slots_used == kPathSlots)
    return nullptr;
  PathSlot& slot = state.shared->slots[state.shared->slots_used++];
  slot.text = state.shared->arena_used;
  state.shared->arena_used += static_cast<uint32_t>(length);
  memcpy(state.shared->arena + slot.text, path, length);
  __atomic_store_n(&entry, static_cast<uint16_t>(state.shared->slots_used), __ATOMIC_RELEASE);
  return &slot;
}

// REQUIRES: a Turn. Null when the table is full: then occurrences on new paths are logged as 0.
PathSlot* slot_of(const char* path) {
  for (uint32_t i = 0, at = hash(path); i < kPathSlots; ++i, ++at) {
    uint16_t& entry = state.shared->index[at % kPathSlots];
    if (entry == 0) {
      if (PathSlot* slot = new_slot(path, entry)) return slot;
      break;
    }
    PathSlot& slot = state.shared->slots[entry - 1];
    if (strcmp(state.shared->arena + slot.text, path) == 0) return &slot;
  }
  if (!state.shared->reported_full)
    complain("too many different paths, occurrences of new ones are 0", path);
  state.shared->reported_full = true;
  return nullptr;
}

bool log(const char* text, size_t bytes) {
  return raw(SYS_write, state.log_fd, reinterpret_cast<long>(text), static_cast<long>(bytes)) ==
         static_cast<long>(bytes);
}

// REQUIRES: a Turn, so that the order of the lines is the order of n.
bool log_operation(const Point& point, const char* to, uint64_t bytes) {
  Line<3 * kPathMax> line;
  line.add("{\"n\":").add(point.n).add(",\"op\":\"").add(op_word(point.op));
  line.add("\",\"path\":\"").add_escaped(point.path);
  if (to != nullptr) line.add("\",\"to\":\"").add_escaped(to);
  line.add("\",\"occurrence\":").add(point.occurrence);
  if (point.op == Op::kWrite) line.add(",\"bytes\":").add(bytes);
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

void forget_descriptors() {
  // Only what was used: a fresh process must not fault in every page just to be armed.
  for (int fd = 0; fd <= state.descriptors_top; ++fd) state.descriptors[fd] = kUnknown;
  state.descriptors_top = -1;
}

// Out of the way of the program's own descriptors.
int move_up(long fd) {
  if (fd < 0) return -1;
  const long high = raw(SYS_fcntl, fd, F_DUPFD_CLOEXEC, kHighDescriptor);
  if (high < 0)
    return static_cast<int>(fd);  // a low limit on descriptors: then it stays where it is
  raw(SYS_close, fd);
  return static_cast<int>(high);
}

Shared* map_shared(int fd) {
  const long address = raw(SYS_mmap, 0, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return address == -1 ? nullptr : reinterpret_cast<Shared*>(address);
}

// The group, where this process leads it: the harness starts every job so. Alone otherwise: a group
// may be a user's shell.
int job_of_this_process() {
  const int own = process_id();
  return raw(SYS_getpgid, 0) == own ? -own : own;
}

Shared* begin_job(int& fd) {
  fd = move_up(raw(SYS_memfd_create, reinterpret_cast<long>("ckptfault"), MFD_CLOEXEC));
  if (fd < 0 || raw(SYS_ftruncate, fd, sizeof(Shared)) != 0) return nullptr;
  Shared* shared = map_shared(fd);
  if (shared == nullptr) return nullptr;
  pthread_mutexattr_t robust;
  pthread_mutexattr_init(&robust);
  pthread_mutexattr_setpshared(&robust, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&robust, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&shared->turn, &robust);
  shared->job = job_of_this_process();
  return shared;
}

Shared* join_job(const char* path, int& fd) {
  fd = move_up(raw(SYS_openat, AT_FDCWD, reinterpret_cast<long>(path), O_RDWR | O_CLOEXEC));
  return fd < 0 ? nullptr : map_shared(fd);
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
  return fd == state.log_fd || fd == state.shared_fd;
}

void complain(const char* text, const char* detail) {
  Line<1024> line;
  line.add("ckptfault: ").add(text).add(": ").add(detail).add("\n");
  raw(SYS_write, 2, reinterpret_cast<long>(line.data()), static_cast<long>(line.size()));
}

Point begin(Op op, const char* path, const char* to, uint64_t bytes) {
  const KeepErrno keep;
  Point point;
  point.op = op;
  point.path = path;
  for (bool logged = false; !logged;) {
    wait_until_open();
    const Turn turn;
    if (state.shared->closed) continue;
    PathSlot* slot = slot_of(path);
    if (slot != nullptr) point.occurrence = ++slot->count[static_cast<int>(op)];
    point.n = ++state.shared->n;
    if (!log_operation(point, to, bytes)) complain("the log cannot be written", path);
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
    complain("the log cannot be written, the kill is not carried out", point.path);
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
  const Turn turn;
  if (!log(line.data(), line.size())) complain("the log cannot be written", path);
}

void remember(int fd, const RelativePath& path, bool may_write) {
  if (fd < 0 || fd >= kDescriptors) return;
  uint32_t value = kOutside;
  if (path.below()) {
    const Turn turn;
    const PathSlot* slot = slot_of(path.text);
    value = slot == nullptr
                ? kUnknown
                : static_cast<uint32_t>(slot - state.shared->slots + 1) * 2 + (may_write ? 1 : 0);
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
  out.path = state.shared->arena + state.shared->slots[value / 2 - 1].text;
  out.may_write = (value & 1) != 0;
  return true;
}

int arm(const char* root, const char* rule, const char* log, const char* shared) {
  __atomic_store_n(&state.armed, false, __ATOMIC_SEQ_CST);
  Rule parsed;
  if (root == nullptr || root[0] == '\0') {
    set_armed_environment(nullptr, nullptr, nullptr, nullptr);
    return 0;
  }
  if (root[0] != '/') {
    complain("the root folder must be an absolute path", root);
    return -1;
  }
  if (rule != nullptr && rule[0] != '\0' && !parse_rule(rule, parsed)) {
    complain("rule not understood, expected 'kill OPERATION PATH OCCURRENCE WHEN'", rule);
    return -1;
  }
  const long log_fd = log == nullptr ? -1
                                     : raw(SYS_openat, AT_FDCWD, reinterpret_cast<long>(log),
                                           O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log_fd < 0) {
    complain("the log cannot be opened", log == nullptr ? "none given" : log);
    return -1;
  }
  const bool joins = shared != nullptr && shared[0] != '\0';
  int shared_fd = -1;
  Shared* counts = joins ? join_job(shared, shared_fd) : begin_job(shared_fd);
  if (counts == nullptr) {
    complain("no memory shared with the job", joins ? shared : root);
    return -1;
  }
  if (state.shared != nullptr) {
    raw(SYS_close, state.log_fd);
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
  set_armed_environment(root, rule, log, joins ? shared : own);
  __atomic_store_n(&state.armed, true, __ATOMIC_SEQ_CST);
  return 0;
}

}  // namespace ckptfault
