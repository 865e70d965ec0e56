// For tests of the saver: a strategy that numbers its saves from 1 and lists what it is told to.
// What wait() and retain() do is the derived class's. One thread.
#pragma once

#include <map>
#include <vector>

#include "strategies/api/strategy.h"

namespace ckptbench {

class NumberingStrategy : public Strategy {
 public:
  Ticket save(const StateView&, const SaveRequest& request) override {
    steps_.push_back(request.step);
    return Ticket{steps_.size()};
  }
  std::vector<CheckpointInfo> list() override {
    std::vector<CheckpointInfo> infos;
    for (auto one = listed_.rbegin(); one != listed_.rend(); ++one) {
      CheckpointInfo info;
      info.seq = one->first;
      info.step = one->second;
      infos.push_back(info);
    }
    return infos;
  }
  RestoreOutcome restore(StateView&, const Want&, Replay*) override { return Nothing{}; }
  Status retain(std::span<const uint64_t> seqs) override {
    retained_.emplace_back(seqs.begin(), seqs.end());
    return {};
  }

  // The numbers of each request.
  const std::vector<std::vector<uint64_t>>& retained() const { return retained_; }

 protected:
  std::vector<uint64_t> steps_;          // of the saves
  std::map<uint64_t, uint64_t> listed_;  // step by number

 private:
  std::vector<std::vector<uint64_t>> retained_;
};

}  // namespace ckptbench
