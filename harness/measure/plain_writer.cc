#include "harness/measure/plain_writer.h"

namespace ckptbench {
namespace {

// One thread, so that it takes no more processors than a plain program would. The page cache where
// the save used it: its own cost to training is part of the floor. Where that was not seen, a save
// that syncs is taken for one that goes past it.
ProbeOptions plain(const PlainSave& save) {
  const bool synced = save.sequence.has(FileStep::kSync);
  return {.threads = 1, .direct = synced, .preallocate = synced, .as_saved = true};
}

std::vector<std::unique_ptr<PlainFiles>> files_of(const std::string& directory,
                                                  const std::vector<PlainSave>& saves) {
  std::vector<std::unique_ptr<PlainFiles>> files;
  for (const PlainSave& save : saves) {
    files.push_back(std::make_unique<PlainFiles>(directory, "floor", save, plain(save)));
  }
  return files;
}

}  // namespace

PlainWriter::PlainWriter(const std::string& directory, const std::vector<PlainSave>& saves,
                         bool blocks)
    : saves_(files_of(directory, saves)),
      blocks_(blocks),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

PlainWriter::~PlainWriter() {
  thread_.request_stop();
  begun_.release();
}

void PlainWriter::begin() {
  finish();
  files_ = saves_[next_].get();
  next_ = (next_ + 1) % saves_.size();
  bytes_ += files_->bytes();
  ++writes_;
  writing_ = true;
  begun_.release();
  if (blocks_) finish();
}

double PlainWriter::mean_bytes() const {
  return writes_ == 0 ? 0 : static_cast<double>(bytes_) / static_cast<double>(writes_);
}

void PlainWriter::count_from_here() {
  bytes_ = 0;
  writes_ = 0;
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
    failure_ = files_->publish();
    done_.release();
  }
}

}  // namespace ckptbench
