// Training waits for one copy of the state into a staging area in host memory, allocated and
// faulted in once and reused. CUDA tensors are copied on a copy stream of their own, host tensors
// by a few threads meanwhile. The area has the layout of the file, so that a writer takes whole
// blocks from it without another copy.
// Threads: as capture.h.
#pragma once

#include <memory>

#include "harness/platform/device.h"
#include "harness/platform/thread_team.h"
#include "strategies/capture/capture.h"

namespace ckptbench {

class Trace;

class StagedCapture : public Capture {
 public:
  StagedCapture(Device& device, Trace& trace, uint64_t copy_threads)
      : device_(device), trace_(trace), team_(copy_threads) {}

  bool detaches() const override { return true; }
  Result<Captured> take(const std::vector<TensorView>& tensors, const Layout& layout) override;

 private:
  Status reserve(uint64_t bytes);
  void copy_cuda(const std::vector<TensorView>& tensors, const Layout& layout);
  Status copy_host(const std::vector<TensorView>& tensors, const Layout& layout);

  Device& device_;
  Trace& trace_;
  ThreadTeam team_;
  std::unique_ptr<HostBuffer> area_;
  std::unique_ptr<CopyStream> stream_;
};

}  // namespace ckptbench
