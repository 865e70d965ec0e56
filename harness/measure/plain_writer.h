// Writes what a save writes while training goes on, from a thread that knows no checkpoints: how
// much slower the steps are then is the interference floor of that save. Owns its thread and its
// files. begin() and finish() belong to the training thread.
#pragma once

#include <cstdint>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "harness/measure/plain_files.h"

namespace ckptbench {

class PlainWriter {
 public:
  // `blocks`: the save that this stands for was durable when it returned, so begin() waits too.
  PlainWriter(std::string directory, std::vector<uint64_t> sizes, bool fsync, bool blocks);
  ~PlainWriter();
  PlainWriter(const PlainWriter&) = delete;
  PlainWriter& operator=(const PlainWriter&) = delete;

  // Begins one write; waits for an earlier one first.
  void begin();
  // Waits for what begin() began. Throws ExitError(kHarness) when a write has failed.
  void finish();

  uint64_t bytes() const { return files_.bytes(); }
  bool blocks() const { return blocks_; }

 private:
  void work(const std::stop_token& stop);

  PlainFiles files_;
  const bool blocks_;
  bool writing_ = false;                // training thread
  Status failure_;                      // the writer's, read after done_
  std::counting_semaphore<> begun_{0};  // to the writer
  std::counting_semaphore<> done_{0};   // from the writer
  std::jthread thread_;
};

}  // namespace ckptbench
