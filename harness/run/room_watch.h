// How little was free where trials run. A disk that is full fails saves, and ends processes, of any
// strategy. The trials that run at a time share one disk, and what one of them takes is free again
// once it has ended: so each looks after each of its jobs, and all learn the least of it.
// One per run, shared by all slots; any thread.
#pragma once

#include <cstdint>
#include <limits>
#include <list>
#include <mutex>
#include <string>

#include "harness/run/job_runner.h"

namespace ckptbench {

class RoomWatch {
 public:
  RoomWatch() = default;
  RoomWatch(const RoomWatch&) = delete;
  RoomWatch& operator=(const RoomWatch&) = delete;

  // What is free where this folder lies. One that cannot be looked at is no word of room.
  void look(const std::string& folder);

  // From its making on: the least that any look has seen. The watch outlives it.
  class Span {
   public:
    explicit Span(RoomWatch& watch);
    ~Span();
    Span(const Span&) = delete;
    Span& operator=(const Span&) = delete;
    uint64_t least_bytes() const;

   private:
    RoomWatch& watch_;
    std::list<uint64_t>::iterator least_;
  };

 private:
  mutable std::mutex mutex_;
  std::list<uint64_t> least_;  // one of each span
};

// Runs the jobs of another runner, and looks when each has ended, while its files are still there.
class WatchedRunner : public JobRunner {
 public:
  // Both outlive it.
  WatchedRunner(JobRunner& runner, RoomWatch& watch) : runner_(runner), watch_(watch) {}
  ProcessEnd run(const JobFiles& files, double deadline_s) override;

 private:
  JobRunner& runner_;
  RoomWatch& watch_;
};

}  // namespace ckptbench
