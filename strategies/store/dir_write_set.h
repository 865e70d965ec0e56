// The write set of a DirStore: strategies/store/dir_store.h has the protocol. A failed sync() or
// commit() is final: what an fsync once reported lost is never taken for durable by a second one.
// Threads: as store.h.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "strategies/store/dir_store.h"
#include "strategies/store/output_file.h"
#include "strategies/store/own_file.h"

namespace ckptbench {

class DirWriteSet : public WriteSet {
 public:
  DirWriteSet(DirStore& store, uint64_t seq, uint64_t expected_bytes);
  // Not committed: removes the manifest, should it be visible, then every other file that this set
  // has created, and nothing else.
  ~DirWriteSet() override;

  Status write(const std::string& file, uint64_t offset, std::span<const std::byte> bytes) override;
  Status sync() override;
  Status commit(std::span<const std::byte> manifest) override;
  bool lacked_room() const override { return lacked_room_; }

 private:
  enum class State { kWriting, kFailed, kSynced, kCommitted };
  struct Created {
    OwnFile file;
    std::unique_ptr<OutputFile> output;
  };

  Result<OutputFile*> file_for(const std::string& file);
  Result<OutputFile*> create(const std::string& file);
  Error noted(const IoError& error);
  IoStatus make_durable();
  IoStatus publish(std::span<const std::byte> manifest);
  IoStatus write_record(const std::string& path, std::span<const std::byte> manifest);
  void take_back();
  bool take_back_record();
  std::string temporary_path(std::string_view file) const;

  DirStore& store_;
  const uint64_t seq_;
  const uint64_t expected_bytes_;
  State state_ = State::kWriting;
  std::atomic<bool> lacked_room_ = false;
  std::mutex mutex_;  // guards files_
  std::map<std::string, Created> files_;
  std::optional<OwnFile> record_;  // the manifest's file, once it was created
};

}  // namespace ckptbench
