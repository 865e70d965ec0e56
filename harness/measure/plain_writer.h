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
  // `saves`: written in turn. `blocks`: the saves that this stands for were durable when they
  // returned, so begin() waits too.
  PlainWriter(const std::string& directory, const std::vector<PlainSave>& saves, bool blocks);
  ~PlainWriter();
  PlainWriter(const PlainWriter&) = delete;
  PlainWriter& operator=(const PlainWriter&) = delete;

  // The next write is that of the save with this number, counted on beyond the last one.
  void repeat_from(uint64_t save) { next_ = save % saves_.size(); }
  // Begins one write; waits for an earlier one first.
  void begin();
  // Waits for what begin() began. Throws ExitError(kHarness) when a write has failed.
  void finish();

  // Of one write so far, the mean; 0: there was none.
  double mean_bytes() const;
  // Writes before this call are not in the mean.
  void count_from_here();
  bool blocks() const { return blocks_; }

 private:
  void work(const std::stop_token& stop);

  // One for each save, under the same names: a write replaces what the one before has left.
  std::vector<std::unique_ptr<PlainFiles>> saves_;
  const bool blocks_;
  size_t next_ = 0;  // training thread, as the next three
  bool writing_ = false;
  uint64_t writes_ = 0;
  uint64_t bytes_ = 0;
  PlainFiles* files_ = nullptr;         // to the writer, set before begun_
  Status failure_;                      // the writer's, read after done_
  std::counting_semaphore<> begun_{0};  // to the writer
  std::counting_semaphore<> done_{0};   // from the writer
  std::jthread thread_;
};

}  // namespace ckptbench
