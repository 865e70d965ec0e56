#include "harness/measure/page_cache.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

#include "harness/platform/files.h"
#include "harness/platform/unique_fd.h"

namespace ckptbench {
namespace {

Error failure(const std::string& path) {
  return Error{path + ": " + std::strerror(errno)};
}

Result<CachedPages> cached_pages_of(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0) return failure(path);
  if (info.st_size == 0) return CachedPages{};
  const auto bytes = static_cast<size_t>(info.st_size);
  void* mapped = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, file.get(), 0);
  if (mapped == MAP_FAILED) return failure(path);
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> states((bytes + page - 1) / page);
  const int got = ::mincore(mapped, bytes, states.data());
  ::munmap(mapped, bytes);
  if (got != 0) return failure(path);
  const auto resident = std::count_if(states.begin(), states.end(),
                                      [](unsigned char state) { return (state & 1) != 0; });
  return CachedPages{.total = states.size(), .resident = static_cast<uint64_t>(resident)};
}

constexpr size_t kReadBytes = 1 << 20;
constexpr int kEvictions = 10;
constexpr auto kBetweenEvictions = std::chrono::milliseconds(20);

// Calls work(descriptor) for each file; false: errno says why not.
template <class Work>
Status for_each_file(const std::string& folder, Work work) {
  const auto names = list_files(folder);
  if (!names) return names.error();
  for (const std::string& name : names.value()) {
    const std::string path = folder + "/" + name;
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file || !work(file.get())) return failure(path);
  }
  return {};
}

}  // namespace

Result<CachedPages> cached_pages(const std::string& folder) {
  const auto names = list_files(folder);
  if (!names) return names.error();
  CachedPages sum;
  for (const std::string& name : names.value()) {
    const auto pages = cached_pages_of(folder + "/" + name);
    if (!pages) return pages.error();
    sum.total += pages.value().total;
    sum.resident += pages.value().resident;
  }
  return sum;
}

namespace {

Status drop_pages(const std::string& folder) {
  return for_each_file(folder, [](int file) {
    // Dirty pages cannot be dropped: they are written first.
    if (::fdatasync(file) != 0) return false;
    errno = ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    return errno == 0;
  });
}

}  // namespace

// A page that another processor has read a moment ago is still in that processor's own list, from
// which it cannot be dropped: such pages are dropped a little later.
Status evict(const std::string& folder) {
  for (int attempt = 0; attempt < kEvictions; ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(kBetweenEvictions);
    const Status dropped = drop_pages(folder);
    if (!dropped) return dropped;
    const auto pages = cached_pages(folder);
    if (!pages) return pages.error();
    if (pages.value().resident == 0) break;
  }
  return {};
}

namespace {

Status read_files(const std::string& folder) {
  std::vector<char> buffer(kReadBytes);
  return for_each_file(folder, [&](int file) {
    for (;;) {
      const ssize_t got = ::read(file, buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return got == 0;
    }
  });
}

}  // namespace

Result<CachedPages> read_until_resident(const std::function<Status()>& read,
                                        const std::function<Result<CachedPages>()>& look) {
  for (int reading = 1;; ++reading) {
    if (const Status status = read(); !status) return status.error();
    Result<CachedPages> pages = look();
    const bool done = !pages || pages.value().resident == pages.value().total;
    if (done || reading == kReadings) return pages;
  }
}

Result<CachedPages> read_into_cache(const std::string& folder) {
  return read_until_resident([&] { return read_files(folder); },
                             [&] { return cached_pages(folder); });
}

}  // namespace ckptbench
