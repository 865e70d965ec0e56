// The ranks of one training run, as a strategy sees them. One rank: SoloComm.
// Threads: the training thread only.
#pragma once

#include <cstdint>

namespace ckptbench {

class Comm {
 public:
  virtual ~Comm() = default;
  virtual uint64_t rank() const = 0;
  virtual uint64_t size() const = 0;
};

class SoloComm : public Comm {
 public:
  uint64_t rank() const override { return 0; }
  uint64_t size() const override { return 1; }
};

}  // namespace ckptbench
