// A named stretch of a training step for the profiler: an NVTX range in the domain of Trace's
// phases, so that a timeline shows saves against forward, backward and update. Nothing where NVTX
// is not built in. Any thread; ranges of one thread nest.
#pragma once

namespace ckptbench {

class TrainingRange {
 public:
  // `name`: a literal, "forward".
  explicit TrainingRange(const char* name);
  ~TrainingRange();
  TrainingRange(const TrainingRange&) = delete;
  TrainingRange& operator=(const TrainingRange&) = delete;
};

}  // namespace ckptbench
