#include "harness/measure/page_cache.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
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

Status evict(const std::string& folder) {
  const auto names = list_files(folder);
  if (!names) return names.error();
  for (const std::string& name : names.value()) {
    const std::string path = folder + "/" + name;
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    // Dirty pages cannot be dropped: they are written first.
    if (!file || ::fdatasync(file.get()) != 0) return failure(path);
    const int error = ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
    if (error != 0) return Error{path + ": " + std::strerror(error)};
  }
  return {};
}

}  // namespace ckptbench
