// One drawn sequence, done with a real strategy in a folder of its own and compared with the model
// after each operation. Threads: one; between two runs none of its own is left.
#pragma once

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/core/prng.h"
#include "harness/platform/comm.h"
#include "harness/platform/device.h"
#include "harness/platform/files.h"
#include "harness/platform/trace.h"
#include "strategies/testing/contract_samples.h"
#include "strategies/testing/drawn_sequence.h"
#include "strategies/testing/event_tape.h"
#include "strategies/testing/file_ops_recorder.h"
#include "strategies/testing/save_model.h"

namespace ckptbench {

// What is wrong, at which operation (ops.size(): after the last), and what was done up to there.
class SequenceFailure : public std::runtime_error {
 public:
  SequenceFailure(size_t op, const std::string& what, std::vector<std::string> done)
      : std::runtime_error(what), op_(op), done_(std::move(done)) {}
  size_t op() const { return op_; }
  const std::vector<std::string>& done() const { return done_; }

 private:
  size_t op_;
  std::vector<std::string> done_;
};

// A state of kDrawnTensors tensors, each with the bytes of a seed.
class DrawnState {
 public:
  DrawnState();
  void fill(size_t tensor, uint64_t seed);
  void fill(const ContentSeeds& seeds);
  StateView& view() { return state_.view(); }
  const TensorView& tensor(size_t index);
  const ContentSeeds& seeds() const { return seeds_; }

 private:
  ContractState state_;
  ContentSeeds seeds_{};
};

class SequenceRun {
 public:
  // Both outlive it.
  SequenceRun(const SequenceSubject& subject, const DrawnSequence& sequence);

  // Throws SequenceFailure.
  void run();

 private:
  struct Violation {
    std::string text;
  };
  void do_op(const DrawnOp& op);
  void finish();

  void mutate(const DrawnOp& op);
  void save(const DrawnOp& op);
  void wait(const DrawnOp& op);
  void list();
  void restore(const DrawnOp& op);
  void retain(const DrawnOp& op);
  void drain(bool may_fail);
  bool are_doubtful(const std::vector<uint64_t>& keep) const;
  void reopen(uint64_t run);
  void second_writer();
  void damage(const DrawnOp& op);
  void save_in_small_files(const DrawnOp& op);
  void fail_a_sync(const DrawnOp& op);
  size_t kill(const DrawnOp& op, size_t next);
  [[noreturn]] void be_killed(const DrawnOp& op, size_t next, size_t end);

  std::unique_ptr<Strategy> open(bool read_only);
  void open_writer();
  void close();
  std::vector<uint64_t> choose_kept(const DrawnOp& op, std::vector<uint64_t> known);
  void retain_in_vain(const std::vector<uint64_t>& seqs);

  void check_folder();
  std::vector<CheckpointInfo> check_list(Strategy& strategy);
  void check_with_reader();
  void check_all_restores();
  RestoreOutcome check_restore(Strategy& strategy, const Want& want);
  void check_restored(const Restored& restored, const Want& want, uint64_t floor);
  void check_bytes(const ModelSave& saved, const Restored& restored);
  SaveOutcome await(uint64_t save, std::chrono::steady_clock::duration timeout);
  void await_all();
  void catch_up();
  uint64_t floor() const;
  void note(const std::string& line) { done_.push_back(line); }
  uint64_t new_seed() { return ++fills_; }

  const SequenceSubject& subject_;
  const DrawnSequence& sequence_;
  Prng prng_;
  TempDir folder_;
  FileOpsRecorder recorder_{folder_.path()};
  std::unique_ptr<Device> device_ = make_cpu_device();
  SoloComm comm_;
  Trace trace_;
  EventTape tape_;
  SaveModel model_;
  DrawnState state_;
  DrawnState target_;
  uint64_t run_ = 1;
  uint64_t step_ = 0;
  uint64_t fills_ = 0;
  bool deletions_failed_ = false;       // and that may not have been reported yet
  bool is_deleting_ = false;            // files of a checkpoint may lie there without its record
  bool left_files_ = false;             // they do, until a writer opens
  std::vector<uint64_t> asked_;         // what the last retain() keeps
  std::set<uint64_t> to_go_;            // what the last retain() leaves, once it is carried out
  std::map<uint64_t, Ticket> tickets_;  // by save, of those not decided
  std::vector<std::string> done_;
  std::unique_ptr<Strategy> strategy_;
};

}  // namespace ckptbench
