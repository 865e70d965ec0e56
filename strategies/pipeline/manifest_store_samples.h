// For tests: a store that holds commit records alone, counts how often they are read, fails as
// told, and lets the test act while the store is being listed. One thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "strategies/format/manifest.h"
#include "strategies/store/store.h"

namespace ckptbench {

// One tensor, whose bytes lie in checkpoint `owner`.
inline Manifest manifest_of(uint64_t seq, uint64_t step, uint64_t owner) {
  Manifest manifest;
  manifest.run = "run";
  manifest.seq = seq;
  manifest.step = step;
  manifest.world_size = 1;
  ManifestTensor tensor;
  tensor.name = "weight";
  tensor.shape = {3};
  tensor.bytes = 12;
  tensor.chunks.push_back({.raw_bytes = 12,
                           .owner_seq = owner,
                           .file = "r0000.chunks",
                           .stored_bytes = 12,
                           .encoding = "raw",
                           .digest = {}});
  manifest.tensors.push_back(std::move(tensor));
  return manifest;
}

class ManifestStore : public Store {
 public:
  using Records = std::map<uint64_t, std::vector<std::byte>>;

  Records records;
  uint64_t reads = 0;
  // So many of the next ones fail: a listing; a deletion, before or after that of the record.
  int failing_lists = 0;
  int failing_drops = 0;
  bool fails_before_record = false;
  // Why a record cannot be read; may throw. Not set: each can.
  std::function<std::optional<IoError>(uint64_t)> unreadable;
  // Called once, after the next list() has looked and before it returns.
  std::function<void()> while_listing;

  void put(const Manifest& manifest) { records[manifest.seq] = encode_manifest(manifest); }

  Result<std::unique_ptr<WriteSet>> begin(uint64_t seq, uint64_t) override {
    return std::unique_ptr<WriteSet>(new ManifestSet(*this, seq));
  }
  Result<std::vector<uint64_t>> list() override {
    if (failing_lists > 0) {
      --failing_lists;
      return Error{"cannot be listed, for a test"};
    }
    std::vector<uint64_t> seqs;
    for (const auto& [seq, record] : records) seqs.insert(seqs.begin(), seq);
    if (while_listing) std::exchange(while_listing, nullptr)();
    return seqs;
  }
  IoResult<std::vector<std::byte>> get(uint64_t seq) override {
    ++reads;
    if (unreadable) {
      if (std::optional<IoError> error = unreadable(seq)) return *std::move(error);
    }
    const auto found = records.find(seq);
    if (found == records.end()) return damage_error("no such record");
    return found->second;
  }
  IoStatus read(uint64_t, const std::string&, uint64_t, std::span<std::byte>) override {
    return damage_error("records alone");
  }
  Status drop(uint64_t seq, std::span<const std::string>) override {
    const bool fails = failing_drops > 0;
    if (fails) --failing_drops;
    if (!fails || !fails_before_record) records.erase(seq);
    return fails ? Status(Error{"cannot be deleted, for a test"}) : Status();
  }

 private:
  class ManifestSet : public WriteSet {
   public:
    ManifestSet(ManifestStore& store, uint64_t seq) : store_(store), seq_(seq) {}
    Status write(const std::string&, uint64_t, std::span<const std::byte>) override { return {}; }
    Status sync() override { return {}; }
    Status commit(std::span<const std::byte> manifest) override {
      store_.records[seq_] = {manifest.begin(), manifest.end()};
      return {};
    }

   private:
    ManifestStore& store_;
    uint64_t seq_;
  };
};

}  // namespace ckptbench
