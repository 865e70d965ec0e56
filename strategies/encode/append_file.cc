#include "strategies/encode/append_file.h"

#include <algorithm>
#include <cstring>

namespace ckptbench {

// Blocks that one append() has filled and not written yet. However it ends, their buffers become
// free again: other threads wait for them.
class AppendFile::Filled {
 public:
  Filled(AppendFile& file, uint64_t most) : file_(file) { blocks_.reserve(most); }
  ~Filled() {
    for (const Block& block : blocks_) file_.give_back(block);
  }
  Filled(const Filled&) = delete;
  Filled& operator=(const Filled&) = delete;

  bool empty() const { return blocks_.empty(); }
  void add(const Block& block) { blocks_.push_back(block); }
  Status put_first() {
    const Status written = file_.put(blocks_.front(), file_.block_bytes_);
    file_.give_back(blocks_.front());
    blocks_.erase(blocks_.begin());
    return written;
  }

 private:
  AppendFile& file_;
  std::vector<Block> blocks_;
};

Status AppendFile::start(WriteSet& set, std::string file, uint64_t blocks, uint64_t block_bytes) {
  const Status reserved = reserve(blocks, block_bytes);
  if (!reserved) return reserved;
  set_ = &set;
  file_ = std::move(file);
  block_bytes_ = block_bytes;
  free_.clear();
  free_.reserve(blocks);
  for (uint64_t buffer = 1; buffer < blocks; ++buffer) free_.push_back(buffer);
  current_ = 0;
  current_offset_ = 0;
  used_ = 0;
  return {};
}

// Takes the next free buffer for the current block. When all are filled and one of them is our own,
// that one is written here and now: no other thread would.
Status AppendFile::next_block(Filled& filled) {
  std::unique_lock lock(mutex_);
  if (free_.empty() && !filled.empty()) {
    lock.unlock();
    const Status written = filled.put_first();
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

Status AppendFile::put(const Block& block, uint64_t bytes) {
  const PhaseScope write(trace_, Phase::kWrite);
  return set_->write(file_, block.offset, buffers_.at(block.buffer).first(bytes));
}

void AppendFile::give_back(const Block& block) {
  const std::lock_guard lock(mutex_);
  free_.push_back(block.buffer);
  freed_.notify_one();
}

Result<uint64_t> AppendFile::append(std::span<const std::byte> bytes) {
  Filled filled(*this, bytes.size() / block_bytes_ + 1);
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
      filled.add({current_, current_offset_});
      status = next_block(filled);
    }
  }
  while (!filled.empty()) {
    const Status written = filled.put_first();
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
