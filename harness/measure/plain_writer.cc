#include "harness/measure/plain_writer.h"

namespace ckptbench {
namespace {

// One thread, so that it takes no more processors than a plain program would.
ProbeOptions plain(bool fsync) {
  return {.threads = 1, .direct = fsync, .fsync = fsync, .preallocate = fsync};
}

}  // namespace

PlainWriter::PlainWriter(std::string directory, std::vector<uint64_t> sizes, bool fsync,
                         bool blocks)
    : files_(std::move(directory), "floor", std::move(sizes), plain(fsync)),
      blocks_(blocks),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

PlainWriter::~PlainWriter() {
  thread_.request_stop();
  begun_.release();
}

void PlainWriter::begin() {
  finish();
  writing_ = true;
  begun_.release();
  if (blocks_) finish();
}

void PlainWriter::finish() {
  if (!writing_) return;
  done_.acquire();
  writing_ = false;
  if (!failure_) {
    throw ExitError(ExitCode::kHarness, "interference floor: " + failure_.error().message);
  }
}

void PlainWriter::work(const std::stop_token& stop) {
  for (;;) {
    begun_.acquire();
    if (stop.stop_requested()) return;
    failure_ = files_.publish();
    done_.release();
  }
}

}  // namespace ckptbench
