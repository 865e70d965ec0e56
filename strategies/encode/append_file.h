// A file that several threads append to: runs of bytes get consecutive offsets, and whole blocks
// are written while others are filled. Memory is a bounded set of reused buffers.
// Threads: append() from several at once; start() and finish() from one, with no thread in
// append().
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "harness/core/error.h"
#include "harness/platform/buffers.h"
#include "harness/platform/trace.h"
#include "strategies/store/store.h"

namespace ckptbench {

class AppendFile {
 public:
  AppendFile(Device& device, Trace& trace) : trace_(trace), buffers_(device) {}

  // The buffers that start() with the same numbers needs. Errors: no memory.
  Status reserve(uint64_t blocks, uint64_t block_bytes) {
    return buffers_.reserve(blocks, block_bytes);
  }
  // blocks: how many buffers of block_bytes (a multiple of kStoreAlignment) may be in use at once,
  // at least 2. Errors: no memory.
  Status start(WriteSet& set, std::string file, uint64_t blocks, uint64_t block_bytes);
  // The offset at which the bytes lie in the file. Errors: the store's.
  Result<uint64_t> append(std::span<const std::byte> bytes);
  // Writes what is left.
  Status finish();

 private:
  // On its way to the store.
  struct Block {
    uint64_t buffer;
    uint64_t offset;
  };
  class Filled;

  Status next_block(Filled& filled);
  Status put(const Block& block, uint64_t bytes);
  void give_back(const Block& block);

  Trace& trace_;
  Buffers buffers_;
  WriteSet* set_ = nullptr;
  std::string file_;
  uint64_t block_bytes_ = 0;

  std::mutex append_mutex_;  // keeps the bytes of one append() together
  std::mutex mutex_;         // guards free_
  std::condition_variable freed_;
  std::vector<uint64_t> free_;
  uint64_t current_ = 0;  // guarded by append_mutex_, as the two below
  uint64_t current_offset_ = 0;
  uint64_t used_ = 0;
};

}  // namespace ckptbench
