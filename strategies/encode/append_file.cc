#include "strategies/encode/append_file.h"

#include <algorithm>
#include <cstring>

namespace ckptbench {

Status AppendFile::start(WriteSet& set, std::string file, uint64_t blocks, uint64_t block_bytes) {
  const Status reserved = reserve(blocks, block_bytes);
  if (!reserved) return reserved;
  set_ = &set;
  file_ = std::move(file);
  block_bytes_ = block_bytes;
  free_.clear();
  for (uint64_t buffer = 1; buffer < blocks; ++buffer) free_.push_back(buffer);
  current_ = 0;
  current_offset_ = 0;
  used_ = 0;
  return {};
}

// Takes the next free buffer for the current block. When all are filled and one of them is our own,
// that one is written here and now: no other thread would.
Status AppendFile::next_block(std::vector<Full>& filled) {
  std::unique_lock lock(mutex_);
  if (free_.empty() && !filled.empty()) {
    lock.unlock();
    const Full own = filled.back();
    filled.pop_back();
    const Status written = put(own, block_bytes_);
    if (!written) return written;
    lock.lock();
  }
  freed_.wait(lock, [this] { return !free_.empty(); });
  current_ = free_.back();
  free_.pop_back();
  current_offset_ += block_bytes_;
  used_ = 0;
  return {};
}

Status AppendFile::put(const Full& full, uint64_t bytes) {
  Status written;
  {
    const PhaseScope write(trace_, Phase::kWrite);
    written = set_->write(file_, full.offset, buffers_.at(full.buffer).first(bytes));
  }
  const std::lock_guard lock(mutex_);
  free_.push_back(full.buffer);
  freed_.notify_one();
  return written;
}

Result<uint64_t> AppendFile::append(std::span<const std::byte> bytes) {
  std::vector<Full> filled;
  uint64_t offset = 0;
  Status status;
  {
    const std::lock_guard together(append_mutex_);
    offset = current_offset_ + used_;
    while (status && !bytes.empty()) {
      const uint64_t count = std::min<uint64_t>(bytes.size(), block_bytes_ - used_);
      std::memcpy(buffers_.at(current_).data() + used_, bytes.data(), count);
      bytes = bytes.subspan(count);
      used_ += count;
      if (used_ < block_bytes_) continue;
      filled.push_back({current_, current_offset_});
      status = next_block(filled);
    }
  }
  for (const Full& full : filled) {
    const Status written = put(full, block_bytes_);
    if (status && !written) status = written;
  }
  if (!status) return status.error();
  return offset;
}

Status AppendFile::finish() {
  if (used_ == 0) return {};
  return put({current_, current_offset_}, used_);
}

}  // namespace ckptbench
