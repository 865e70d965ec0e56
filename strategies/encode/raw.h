// The bytes as they are: one safetensors file per rank, written in blocks at offsets planned
// beforehand, so that several threads checksum and write at once and hashing hides behind the disk.
// A block comes straight from the staging area where there is one, else through a reused buffer.
// Threads: as encoder.h.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/platform/buffers.h"
#include "harness/platform/device.h"
#include "harness/platform/thread_team.h"
#include "strategies/encode/encoder.h"

namespace ckptbench {

class Trace;

class RawEncoder : public Encoder {
 public:
  RawEncoder(Device& device, Trace& trace, ThreadTeam& team, uint64_t rank, uint64_t block_bytes);

  Result<Layout> plan(const std::vector<TensorView>& tensors) const override;
  uint64_t expected_bytes(const Layout& layout) const override { return layout.bytes; }
  Status write(const Captured& captured, const Layout& layout, WriteSet& set,
               Manifest& manifest) override;

 private:
  struct Block;
  Status write_block(uint64_t index, uint64_t member, const Captured& captured,
                     const Layout& layout, WriteSet& set, Manifest& manifest);
  void fill_from_image(const Block& block);
  void fill_buffer(const Block& block, uint64_t member);
  Status prepare(const Captured& captured, const Layout& layout);

  Device& device_;
  Trace& trace_;
  ThreadTeam& team_;
  const std::string file_;
  const uint64_t block_bytes_;
  Buffers buffers_;                                   // one per team member
  std::vector<std::unique_ptr<CopyStream>> streams_;  // the same; only where a tensor is on CUDA
};

}  // namespace ckptbench
