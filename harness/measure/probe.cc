#include "harness/measure/probe.h"

#include <fmt/format.h>

#include <cstring>

#include "harness/platform/aligned_bytes.h"
#include "harness/platform/clock.h"

namespace ckptbench {
namespace {

Result<int64_t> timed(PlainFiles& files, Status (PlainFiles::*pass)()) {
  const int64_t begin = now_ns();
  const Status status = (files.*pass)();
  const int64_t end = now_ns();
  if (!status) return status.error();
  return end - begin;
}

Result<int64_t> published(PlainFiles& files, const PlainSave& save) {
  if (save.in_place) {
    if (const Status status = files.publish(); !status) return status.error();
  }
  return timed(files, &PlainFiles::publish);
}

}  // namespace

Result<int64_t> probe_new_file(const std::string& directory, const PlainSave& save,
                               const ProbeOptions& options) {
  PlainFiles files(directory, "probe", save, options);
  return published(files, save);
}

Result<WriteTimes> probe_writes(const std::string& directory, const PlainSave& save,
                                const ProbeOptions& options) {
  PlainFiles files(directory, "probe", save, options);
  const Result<int64_t> created = published(files, save);
  if (!created) return created.error();
  const Result<int64_t> overwritten = timed(files, &PlainFiles::overwrite);
  if (!overwritten) return overwritten.error();
  return WriteTimes{.new_file_ns = created.value(), .overwrite_ns = overwritten.value()};
}

Result<int64_t> probe_memcpy(uint64_t bytes) {
  const AlignedBytes from = allocate_aligned(bytes);
  const AlignedBytes to = allocate_aligned(bytes);
  if (!from || !to) return Error{fmt::format("memcpy probe: no memory for 2 x {} bytes", bytes)};
  std::memset(from.get(), 1, bytes);
  std::memset(to.get(), 2, bytes);
  const int64_t begin = now_ns();
  std::memcpy(to.get(), from.get(), bytes);
  // The copy is needed from here on, so it cannot be left out.
  asm volatile("" : : "r"(to.get()) : "memory");
  return now_ns() - begin;
}

}  // namespace ckptbench
