#include "harness/train/leak_samples.h"

#include <malloc.h>
#include <unistd.h>

#include "harness/core/error.h"
#include "harness/core/json_text.h"
#include "harness/core/sanitized.h"
#include "harness/platform/files.h"
#include "harness/platform/proc.h"

#ifdef CKPT_SANITIZED
// Debian's g++ comes without <sanitizer/allocator_interface.h>, but with the function.
extern "C" size_t __sanitizer_get_current_allocated_bytes();
#endif

namespace ckptbench {
namespace {

uint64_t resident_now() {
  const auto resident = resident_bytes(::getpid());
  if (!resident) throw ExitError(ExitCode::kHarness, resident.error().message);
  return resident.value().now;
}

// Of all arenas, whether a page of it was touched or not: exact where the resident pages are not.
uint64_t heap_bytes() {
#ifdef CKPT_SANITIZED
  return __sanitizer_get_current_allocated_bytes();  // a sanitizer brings an allocator of its own
#else
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
#endif
}

}  // namespace

void LeakSamples::take() {
  const auto retained = disk_bytes(folder_);
  if (!retained) throw ExitError(ExitCode::kHarness, retained.error().message);
  // What was freed is no leak, yet malloc keeps its pages, the more the larger the buffers were.
  ::malloc_trim(0);
  descriptors_.push_back(open_descriptors());
  processes_.push_back(process_tree(::getpid()).size());
  heap_bytes_.push_back(heap_bytes());
  // A sanitizer keeps the pages of what was freed, to see who still uses them.
  if (!kSanitized) resident_bytes_.push_back(resident_now());
  retained_bytes_.push_back(retained.value());
}

void LeakSamples::add_to(nlohmann::json& observed) const {
  observed["descriptors"] = descriptors_;
  observed["processes"] = processes_;
  observed["heap_bytes"] = heap_bytes_;
  observed["resident_bytes"] = resident_bytes_;
  observed["retained_bytes"] = retained_bytes_;
}

}  // namespace ckptbench
