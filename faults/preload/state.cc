#include "faults/preload/state.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "faults/preload/rule_words.h"
#include "faults/preload/text.h"

namespace ckptfault {
namespace {

constexpr uint32_t kPathSlots = 1 << 14;  // an index of 16 bits counts them
constexpr uint32_t kArenaBytes = 2 << 20;
constexpr int kDescriptors = 1 << 16;
constexpr uint32_t kUnknown = 0;  // a descriptor nobody has looked at
constexpr uint32_t kOutside = 1;  // looked at: not below the root

struct PathSlot {
  uint32_t text;  // offset into the arena
  uint32_t count[kOpCount];
};

struct State {
  bool armed;
  int log_fd;
  Rule rule;
  uint64_t n;
  uint64_t matches;
  int holder;  // process id of who holds the lock, 0: nobody
  uint32_t arena_used;
  uint32_t slots_used;
  bool told_full;
  // Hash table: path slot + 1, 0: free. Apart from the slots, which fill one after the other: slots
  // scattered by hash would fault in a page per new path, and look like a leak of the strategy's.
  uint16_t index[kPathSlots];
  PathSlot slots[kPathSlots];
  char arena[kArenaBytes];
  // kUnknown, kOutside, or (path slot + 1) * 2 + may_write
  uint32_t descriptors[kDescriptors];
  int descriptors_top;  // the highest that may be set
};
// All zeros, so that it needs no constructor, which would run after the one that arms (entry.cc),
// and pages that are never touched cost nothing.
constinit State state{};

long raw(long number, long a = 0, long b = 0, long c = 0) {
  return ::syscall(number, a, b, c);
}
int process_id() {
  return static_cast<int>(raw(SYS_getpid));
}

// A lock that names its holder: after a fork in the middle of somebody's turn the child takes it
// over, since that thread does not exist there. Guarded data stays readable at every moment.
class Turn {
 public:
  Turn() {
    const int me = process_id();
    for (;;) {
      int seen = 0;
      if (take(seen, me)) return;
      if (seen != me && take(seen, me)) return;
      raw(SYS_sched_yield);
    }
  }
  ~Turn() { __atomic_store_n(&state.holder, 0, __ATOMIC_RELEASE); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  static bool take(int& expected, int me) {
    return __atomic_compare_exchange_n(&state.holder, &expected, me, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
  }
};

uint32_t hash(const char* text) {  // FNV-1a
  uint32_t value = 2166136261u;
  for (; *text != '\0'; ++text) value = (value ^ static_cast<unsigned char>(*text)) * 16777619u;
  return value;
}

// REQUIRES: a Turn, and a free entry, published last. Null when the arena is full.
PathSlot* new_slot(const char* path, uint16_t& entry) {
  const size_t length = strlen(path) + 1;
  if (state.arena_used + length > kArenaBytes || state.slots_used == kPathSlots) return nullptr;
  PathSlot& slot = state.slots[state.slots_used++];
  slot.text = state.arena_used;
  state.arena_used += static_cast<uint32_t>(length);
  memcpy(state.arena + slot.text, path, length);
  __atomic_store_n(&entry, static_cast<uint16_t>(state.slots_used), __ATOMIC_RELEASE);
  return &slot;
}

// REQUIRES: a Turn. Null when the table is full: then occurrences on new paths are logged as 0.
PathSlot* slot_of(const char* path) {
  for (uint32_t i = 0, at = hash(path); i < kPathSlots; ++i, ++at) {
    uint16_t& entry = state.index[at % kPathSlots];
    if (entry == 0) {
      if (PathSlot* slot = new_slot(path, entry)) return slot;
      break;
    }
    PathSlot& slot = state.slots[entry - 1];
    if (strcmp(state.arena + slot.text, path) == 0) return &slot;
  }
  if (!state.told_full) complain("too many different paths, occurrences of new ones are 0", path);
  state.told_full = true;
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
bool rule_strikes(Op op, const char* path, const char* to) {
  const Rule& rule = state.rule;
  if (!rule.set || (!rule.any && rule.op != op)) return false;
  if (rule.when == When::kPartial && op != Op::kWrite) return false;
  if (!glob_matches(rule.path, path) && (to == nullptr || !glob_matches(rule.path, to)))
    return false;
  return ++state.matches == rule.occurrence;
}

void store_descriptor(int fd, uint32_t value) {
  __atomic_store_n(&state.descriptors[fd], value, __ATOMIC_RELAXED);
  int top = __atomic_load_n(&state.descriptors_top, __ATOMIC_RELAXED);
  while (fd > top && !__atomic_compare_exchange_n(&state.descriptors_top, &top, fd, false,
                                                  __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
}

void clear_tables() {
  // Only what was used: a fresh process must not fault in every page just to be armed.
  if (state.slots_used > 0) memset(state.index, 0, sizeof state.index);
  memset(state.slots, 0, state.slots_used * sizeof(PathSlot));
  for (int fd = 0; fd <= state.descriptors_top; ++fd) state.descriptors[fd] = kUnknown;
  state.descriptors_top = -1;
  state.arena_used = 0;
  state.slots_used = 0;
  state.told_full = false;
  state.n = 0;
  state.matches = 0;
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
  return fd == state.log_fd;
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
  bool strikes = false;
  {
    const Turn turn;
    PathSlot* slot = slot_of(path);
    if (slot != nullptr) point.occurrence = ++slot->count[static_cast<int>(op)];
    point.n = ++state.n;
    if (!log_operation(point, to, bytes)) complain("the log cannot be written", path);
    strikes = rule_strikes(op, path, to);
  }
  if (!strikes) return point;
  if (state.rule.when == When::kBefore) strike(point, "before");
  if (state.rule.when == When::kAfter) point.act = Act::kAfter;
  if (state.rule.when == When::kPartial) point.act = Act::kPartial;
  return point;
}

void end(const Point& point) {
  if (point.act == Act::kAfter) strike(point, "after");
}

void strike(const Point& point, const char* when) {
  Line<2 * kPathMax> line;
  line.add("{\"fault\":\"kill\",\"n\":").add(point.n).add(",\"op\":\"").add(op_word(point.op));
  line.add("\",\"path\":\"").add_escaped(point.path);
  line.add("\",\"occurrence\":").add(point.occurrence).add(",\"when\":\"").add(when);
  line.add("\",\"pid\":").add(static_cast<uint64_t>(process_id())).add("}\n");
  if (!log(line.data(), line.size())) {
    // A death without evidence could not be told from a crash of the program's own.
    complain("the log cannot be written, the kill is not carried out", point.path);
    return;
  }
  raw(SYS_kill, process_id(), SIGKILL);
  for (;;) raw(SYS_pause);
}

void remember(int fd, const RelativePath& path, bool may_write) {
  if (fd < 0 || fd >= kDescriptors) return;
  uint32_t value = kOutside;
  if (path.below()) {
    const Turn turn;
    const PathSlot* slot = slot_of(path.text);
    value = slot == nullptr
                ? kUnknown
                : static_cast<uint32_t>(slot - state.slots + 1) * 2 + (may_write ? 1 : 0);
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
  out.path = state.arena + state.slots[value / 2 - 1].text;
  out.may_write = (value & 1) != 0;
  return true;
}

int arm(const char* root, const char* rule, int log_fd) {
  __atomic_store_n(&state.armed, false, __ATOMIC_SEQ_CST);
  Rule parsed;
  if (root == nullptr || root[0] == '\0') return 0;
  if (root[0] != '/') {
    complain("the root folder must be an absolute path", root);
    return -1;
  }
  if (rule != nullptr && rule[0] != '\0' && !parse_rule(rule, parsed)) {
    complain("rule not understood, expected 'kill OPERATION PATH OCCURRENCE WHEN'", rule);
    return -1;
  }
  if (raw(SYS_fcntl, log_fd, F_GETFL) < 0) {
    complain("the log's descriptor is not open, root", root);
    return -1;
  }
  clear_tables();
  set_root(root);
  state.rule = parsed;
  state.log_fd = log_fd;
  state.holder = 0;
  __atomic_store_n(&state.armed, true, __ATOMIC_SEQ_CST);
  return 0;
}

}  // namespace ckptfault
