#include "harness/platform/proc.h"

#include <dirent.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>

namespace ckptbench {
namespace {

std::string folder_of(pid_t process) {
  return "/proc/" + std::to_string(process);
}

std::optional<pid_t> parse_pid(const char* text) {
  pid_t pid = 0;
  const char* end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, pid);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return pid;
}

std::vector<pid_t> numbered_entries(const std::string& folder) {
  std::vector<pid_t> found;
  DIR* directory = ::opendir(folder.c_str());
  if (directory == nullptr) return found;
  while (const dirent* entry = ::readdir(directory)) {
    if (const auto pid = parse_pid(entry->d_name)) found.push_back(*pid);
  }
  ::closedir(directory);
  return found;
}

// The word after "KEY:" in a file of such lines.
std::optional<std::string> word_after(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (!line.starts_with(key + ":")) continue;
    std::istringstream words(line.substr(key.size() + 1));
    std::string word;
    if (words >> word) return word;
  }
  return std::nullopt;
}

std::optional<uint64_t> number_after(const std::string& path, const std::string& key, int base) {
  const auto word = word_after(path, key);
  if (!word) return std::nullopt;
  uint64_t number = 0;
  const char* end = word->data() + word->size();
  const auto [stop, error] = std::from_chars(word->data(), end, number, base);
  return error == std::errc{} && stop == end ? std::optional(number) : std::nullopt;
}

Result<uint64_t> needed(const std::string& path, const std::string& key, uint64_t unit) {
  const auto number = number_after(path, key, 10);
  if (!number) return Error{path + ": no line \"" + key + ": NUMBER\", expected one"};
  return *number * unit;
}

constexpr uint64_t kKernelThread = 0x0020'0000;  // PF_KTHREAD

// The command name, field 2, may hold blanks and brackets: fields are counted from its end.
std::optional<ProcStat> parse_stat(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(name_end + 1));
  ProcStat stat;
  if (!(fields >> stat.state >> stat.parent >> stat.group)) return std::nullopt;
  std::string skipped;
  for (int field = 6; field < 9; ++field) fields >> skipped;
  uint64_t flags = 0;
  fields >> flags;
  stat.is_kernel = (flags & kKernelThread) != 0;
  for (int field = 10; field < 14; ++field) fields >> skipped;
  for (int field = 14; field < 18; ++field) {
    uint64_t ticks = 0;
    fields >> ticks;
    stat.cpu_ticks += ticks;
  }
  for (int field = 18; field < 22; ++field) fields >> skipped;
  return fields >> stat.start_ticks ? std::optional(stat) : std::nullopt;
}

constexpr uint64_t kKib = 1024;
constexpr int kMostTries = 10;

int64_t tick_ns() {
  return 1'000'000'000 / ::sysconf(_SC_CLK_TCK);
}

// /proc/stat: a line "cpu" of all processors in ticks (user, nice, system, idle, waiting, ...),
// then one for each.
// user nice system idle iowait irq softirq steal: proc(5).
constexpr int kBusyFields = 3;
constexpr int kStealField = 7;

Result<CpuUse> machine_use() {
  const std::string path = "/proc/stat";
  std::ifstream file(path);
  CpuUse use;
  std::string line;
  while (std::getline(file, line) && line.starts_with("cpu")) {
    if (!line.starts_with("cpu ")) {
      ++use.cores;
      continue;
    }
    std::istringstream fields(line.substr(4));
    int64_t ticks = 0;
    for (int field = 0; field <= kStealField && fields >> ticks; ++field) {
      if (field < kBusyFields) use.busy_ns += ticks * tick_ns();
      if (field == kStealField) use.stolen_ns = ticks * tick_ns();
    }
  }
  if (use.cores == 0) return Error{path + ": no lines \"cpuN\", expected one for each processor"};
  return use;
}

// Of this process, which must be known, and of those others that are there.
Result<uint64_t> written_by(const std::vector<pid_t>& processes) {
  const auto own = needed("/proc/self/io", "write_bytes", 1);
  if (!own) return own;
  uint64_t sum = own.value();
  for (const pid_t process : processes) {
    if (process == ::getpid()) continue;
    sum += number_after(folder_of(process) + "/io", "write_bytes", 10).value_or(0);
  }
  return sum;
}

}  // namespace

std::vector<pid_t> all_processes() {
  return numbered_entries("/proc");
}

std::vector<pid_t> process_tree(pid_t root) {
  std::multimap<pid_t, pid_t> children;
  for (const pid_t process : all_processes()) {
    if (const auto stat = stat_of(process)) children.emplace(stat->parent, process);
  }
  std::vector<pid_t> tree;
  if (stat_of(root)) tree.push_back(root);
  for (size_t i = 0; i < tree.size(); ++i) {
    const auto [begin, end] = children.equal_range(tree[i]);
    for (auto child = begin; child != end; ++child) tree.push_back(child->second);
  }
  return tree;
}

std::vector<pid_t> threads_of(pid_t process) {
  return numbered_entries(folder_of(process) + "/task");
}

bool catches(pid_t process, int signal) {
  const auto mask = number_after(folder_of(process) + "/status", "SigCgt", 16);
  return mask && (*mask >> (signal - 1) & 1) != 0;
}

std::optional<ProcStat> stat_of(pid_t process) {
  return parse_stat(folder_of(process) + "/stat");
}

std::optional<ProcStat> stat_of_thread(pid_t process, pid_t thread) {
  return parse_stat(folder_of(process) + "/task/" + std::to_string(thread) + "/stat");
}

TreeActivity tree_activity(pid_t root) {
  TreeActivity sum;
  for (const pid_t process : process_tree(root)) {
    if (const auto stat = stat_of(process)) {
      sum.cpu_ns += static_cast<int64_t>(stat->cpu_ticks) * tick_ns();
    }
    const std::string io = folder_of(process) + "/io";
    sum.moved_bytes += number_after(io, "rchar", 10).value_or(0);
    sum.moved_bytes += number_after(io, "wchar", 10).value_or(0);
  }
  return sum;
}

Result<CpuUse> cpu_use(pid_t root) {
  Result<CpuUse> use = machine_use();
  if (!use) return use;
  for (const pid_t process : all_processes()) {
    const auto stat = stat_of(process);
    if (!stat || !stat->is_kernel) continue;
    use.value().kernel_ns[process] = static_cast<int64_t>(stat->cpu_ticks) * tick_ns();
  }
  use.value().tree_ns = tree_activity(root).cpu_ns;
  return use;
}

Result<int64_t> own_run_delay_ns() {
  const std::string path = "/proc/thread-self/schedstat";
  std::ifstream file(path);
  int64_t running_ns = 0;
  int64_t waiting_ns = 0;
  if (file >> running_ns >> waiting_ns) return waiting_ns;
  return Error{path + ": expected the times of running and of waiting"};
}

Result<int64_t> own_age_ns() {
  const auto stat = stat_of(::getpid());
  if (!stat) return Error{"/proc/self/stat cannot be read"};
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec -
         static_cast<int64_t>(stat->start_ticks) * tick_ns();
}

Result<ResidentBytes> resident_bytes(pid_t process) {
  const std::string path = folder_of(process) + "/status";
  const auto now = needed(path, "VmRSS", kKib);
  const auto peak = needed(path, "VmHWM", kKib);
  if (!now) return now.error();
  if (!peak) return peak.error();
  return ResidentBytes{now.value(), peak.value()};
}

Status reset_peak(pid_t process) {
  const std::string path = folder_of(process) + "/clear_refs";
  std::ofstream file(path);
  if (file << "5" << std::flush) return {};
  return Error{path + ": 5 cannot be written, expected a kernel that resets VmHWM"};
}

Result<uint64_t> tree_pss_bytes(pid_t root) {
  const auto own = needed(folder_of(root) + "/smaps_rollup", "Pss", kKib);
  if (!own) return own;
  uint64_t sum = own.value();
  for (const pid_t process : process_tree(root)) {
    if (process == root) continue;
    sum += number_after(folder_of(process) + "/smaps_rollup", "Pss", 10).value_or(0) * kKib;
  }
  return sum;
}

Result<uint64_t> io_written_bytes() {
  std::vector<pid_t> tree = process_tree(::getpid());
  for (int tries = 1;; ++tries) {
    const auto sum = written_by(tree);
    // The bytes of a child that ended meanwhile may be missing, or counted with its parent's too.
    std::vector<pid_t> now = process_tree(::getpid());
    if (!sum || now == tree || tries == kMostTries) return sum;
    tree = std::move(now);
  }
}

Result<uint64_t> io_read_bytes() {
  return needed("/proc/self/io", "read_bytes", 1);
}

Result<uint64_t> dirty_page_bytes() {
  const auto dirty = needed("/proc/meminfo", "Dirty", kKib);
  const auto under_way = needed("/proc/meminfo", "Writeback", kKib);
  if (!dirty) return dirty;
  if (!under_way) return under_way;
  return dirty.value() + under_way.value();
}

std::vector<OpenFile> open_files() {
  std::vector<OpenFile> files;
  for (const pid_t descriptor : numbered_entries("/proc/self/fd")) {
    const std::string number = std::to_string(descriptor);
    std::error_code gone;
    const auto target = std::filesystem::read_symlink("/proc/self/fd/" + number, gone);
    const auto flags = number_after("/proc/self/fdinfo/" + number, "flags", 8);
    if (!gone && flags) files.push_back({target.string(), static_cast<int>(*flags)});
  }
  return files;
}

uint64_t open_descriptors() {
  return numbered_entries("/proc/self/fd").size() - 1;  // the listing's own
}

}  // namespace ckptbench
