#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/core/count_text.h"
#include "harness/measure/probe.h"

namespace ckptbench {
namespace {

constexpr uint64_t kKib = 1ULL << 10;
constexpr uint64_t kMib = 1ULL << 20;

std::string size_name(uint64_t bytes) {
  return bytes % kMib == 0 ? fmt::format("{} MiB", bytes / kMib)
                           : fmt::format("{} KiB", bytes / kKib);
}

}  // namespace

std::vector<ProbeOptions> write_shapes() {
  std::vector<ProbeOptions> shapes{{.threads = 4, .block_bytes = kMib},
                                   {.threads = 3, .block_bytes = kMib},
                                   {.threads = 2, .block_bytes = kMib},
                                   {.threads = 8, .block_bytes = 256 * kKib},
                                   {.threads = 3, .block_bytes = 8 * kMib},
                                   {.threads = 1, .block_bytes = 16 * kMib},
                                   {.threads = 2, .block_bytes = kMib, .direct = false},
                                   {.threads = 2, .block_bytes = 512 * kKib, .direct = false},
                                   {.threads = 1, .block_bytes = 512 * kKib, .direct = false},
                                   {.threads = 1, .block_bytes = kMib, .direct = false}};
  shapes.back().preallocate = false;
  return shapes;
}

std::vector<ProbeOptions> read_shapes() {
  std::vector<ProbeOptions> shapes{{.threads = 4, .block_bytes = kMib},
                                   {.threads = 3, .block_bytes = 8 * kMib},
                                   {.threads = 2, .block_bytes = 4 * kMib},
                                   {.threads = 8, .block_bytes = 512 * kKib},
                                   {.threads = 2, .block_bytes = kMib, .direct = false}};
  for (ProbeOptions& shape : shapes) shape.preallocate = false;
  return shapes;
}

std::string shape_name(const ProbeOptions& shape) {
  return fmt::format("{}, {}, {}{}", count_text(shape.threads, "thread"),
                     size_name(shape.block_bytes), shape.direct ? "direct" : "buffered",
                     shape.preallocate ? ", preallocated" : "");
}

Result<std::vector<ProbeOptions>> fastest_new_files(const std::string& directory,
                                                    const PlainSave& save,
                                                    std::span<const ProbeOptions> shapes,
                                                    size_t count) {
  std::vector<std::pair<int64_t, ProbeOptions>> tried;
  for (const ProbeOptions& shape : shapes) {
    const Result<int64_t> time = probe_new_file(directory, save, shape);
    if (!time) return time.error();
    tried.emplace_back(time.value(), shape);
  }
  std::ranges::sort(tried, {}, [](const auto& each) { return each.first; });
  std::vector<ProbeOptions> fastest;
  for (size_t i = 0; i < std::min(count, tried.size()); ++i) fastest.push_back(tried[i].second);
  return fastest;
}

}  // namespace ckptbench
