#include "harness/measure/memory_watch.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "harness/platform/proc.h"

namespace ckptbench {
namespace {

constexpr auto kBetweenSamples = std::chrono::milliseconds(1);

uint64_t needed(const Result<uint64_t>& bytes) {
  if (!bytes) throw ExitError(ExitCode::kEnvironment, bytes.error().message);
  return bytes.value();
}

}  // namespace

MemoryWatch::MemoryWatch(std::string folder, Device& device)
    : folder_(std::move(folder) + "/"),
      device_(device),
      exact_(reset_peak(::getpid()).ok()),
      thread_([this](const std::stop_token& stop) { watch(stop); }) {}

MemoryWatch::~MemoryWatch() {
  thread_.request_stop();
}

MemoryPeaks MemoryWatch::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  if (failure_) std::rethrow_exception(failure_);
  if (exact_) {
    const auto resident = resident_bytes(::getpid());
    if (resident) peaks_.resident_bytes = resident.value().peak;
  }
  return peaks_;
}

// An exception that left the thread would end the process without a word.
void MemoryWatch::watch(const std::stop_token& stop) {
  try {
    // At least once, however short the saves are: what they left in memory shows afterwards too.
    for (bool last = false; !last;) {
      last = stop.stop_requested();
      sample();
      if (!last) std::this_thread::sleep_for(kBetweenSamples);
    }
  } catch (...) {
    failure_ = std::current_exception();
  }
}

void MemoryWatch::sample() {
  ++peaks_.samples;
  if (process_tree(::getpid()).size() > 1) exact_ = false;
  peaks_.tree_bytes = std::max(peaks_.tree_bytes, needed(tree_pss_bytes(::getpid())));
  peaks_.device_bytes = std::max(peaks_.device_bytes, device_.memory_used().value_or(0));
  peaks_.dirty_bytes = std::max(peaks_.dirty_bytes, needed(dirty_page_bytes()));
  look_at_files();
}

void MemoryWatch::look_at_files() {
  for (const OpenFile& file : open_files()) {
    if (!file.path.starts_with(folder_) || (file.flags & O_ACCMODE) == O_RDONLY) continue;
    if ((file.flags & O_DIRECT) != 0) ++peaks_.direct_files;
  }
}

}  // namespace ckptbench
