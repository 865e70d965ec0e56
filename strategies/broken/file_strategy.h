// What the broken strategies have in common, done right: one file per checkpoint, written to a
// temporary, fsynced, renamed, the directory fsynced; restore verifies and falls back; retention
// reports before it deletes. Each broken strategy overrides the one thing that it gets wrong, and a
// FileStrategy as it stands must pass every test that they fail.
//
// Owned by the worker; the training thread only, but for publish(), which an asynchronous strategy
// may call from one thread of its own.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "strategies/api/strategy.h"
#include "strategies/broken/image.h"

namespace ckptbench {

inline constexpr Survives kProcessAndPower{.process = true, .power = true};

class FileStrategy : public Strategy {
 public:
  explicit FileStrategy(const StrategyContext& context);

  Ticket save(const StateView& state, const SaveRequest& request) override;
  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) override;
  std::vector<CheckpointInfo> list() override;
  RestoreOutcome restore(StateView& state, const Want& want, Replay* replay) override;
  Status retain(std::span<const uint64_t> seqs) override;

 protected:
  // True for roles that this strategy leaves out of a checkpoint.
  using LeavesOut = bool (*)(Role);
  virtual LeavesOut leaves_out() const;
  // What a save stores of these; the views may be given other bytes.
  virtual std::vector<TensorView> chosen(std::vector<TensorView> tensors) { return tensors; }
  virtual std::string file_name(uint64_t seq) const;  // "checkpoint-<seq>.bin"
  virtual Status publish(const Image& image);
  // Under the final name, without a rename: a kill leaves a part of it there.
  Status publish_in_place(const Image& image);
  virtual bool verifies() const { return true; }
  // Saves the sealed image and reports; the outcome is a value.
  virtual SaveOutcome commit(const Image& image);

  Image layout(const StateView& state, const SaveRequest& request);
  Ticket record(SaveOutcome outcome);
  void decide(Ticket ticket, SaveOutcome outcome) {
    outcomes_.at(ticket.id - 1) = std::move(outcome);
  }
  SaveOutcome outcome(Ticket ticket) const { return outcomes_.at(ticket.id - 1); }
  std::string path(const std::string& file) const { return context_.directory + "/" + file; }
  const StrategyContext& context() const { return context_; }

 private:
  struct Found {
    std::string path;
    uint64_t seq = 0;  // by name, or by header where the name has none
  };
  // All checkpoint files, newest first.
  std::vector<Found> files() const;

  StrategyContext context_;
  uint64_t last_seq_ = 0;              // 0: not yet read from the directory
  std::vector<SaveOutcome> outcomes_;  // index = ticket - 1
};

}  // namespace ckptbench
