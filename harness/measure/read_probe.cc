#include "harness/measure/read_probe.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <utility>

#include "harness/measure/page_cache.h"
#include "harness/platform/files.h"

namespace ckptbench {
namespace {

Result<int64_t> one_pass(const std::string& folder, const std::vector<ReadRange>& ranges,
                         const ProbeOptions& shape) {
  const Status evicted = evict(folder);
  if (!evicted) return evicted.error();
  const auto pages = cached_pages(folder);
  if (!pages) return pages.error();
  if (pages.value().resident > 0) {
    return Error{folder + ": pages stay in the page cache before a read probe"};
  }
  return probe_reads(ranges, shape);
}

}  // namespace

Result<std::vector<ReadRange>> newest_ranges(const std::string& folder, uint64_t bytes) {
  const auto names = list_files(folder);
  if (!names) return names.error();
  std::vector<std::pair<std::filesystem::file_time_type, ReadRange>> files;
  for (const std::string& name : names.value()) {
    const std::string path = folder + "/" + name;
    std::error_code error;
    const auto changed = std::filesystem::last_write_time(path, error);
    const uint64_t size = error ? 0 : std::filesystem::file_size(path, error);
    if (error) return Error{path + ": " + error.message()};
    files.push_back({changed, {path, size}});
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<ReadRange> ranges;
  for (auto& [changed, range] : files) {
    range.bytes = std::min(range.bytes, bytes);
    bytes -= range.bytes;
    if (range.bytes > 0) ranges.push_back(std::move(range));
  }
  return ranges;
}

Result<int64_t> ReadProbe::choose_shape(const std::vector<ReadRange>& ranges) {
  int64_t least = std::numeric_limits<int64_t>::max();
  for (const ProbeOptions& shape : read_shapes()) {
    const Result<int64_t> time = one_pass(folder_, ranges, shape);
    if (!time) return time.error();
    if (time.value() < least) shape_ = shape;
    least = std::min(least, time.value());
  }
  return least;
}

Result<ReadLimit> ReadProbe::run(uint64_t bytes) {
  const auto ranges = newest_ranges(folder_, bytes);
  if (!ranges) return ranges.error();
  if (ranges.value().empty()) return Error{folder_ + ": nothing to read for a probe"};
  int64_t least = std::numeric_limits<int64_t>::max();
  if (!shape_) {
    const Result<int64_t> tried = choose_shape(ranges.value());
    if (!tried) return tried.error();
    least = tried.value();
  }
  const Result<int64_t> time = one_pass(folder_, ranges.value(), *shape_);
  if (!time) return time.error();
  ReadLimit limit{.ns = std::min(least, time.value()), .bytes = 0, .shape = shape_name(*shape_)};
  for (const ReadRange& range : ranges.value()) limit.bytes += range.bytes;
  return limit;
}

}  // namespace ckptbench
