// A store that passes everything on to another, for tests that watch or change one call. Owns the
// other one; its thread rule is the other one's.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "strategies/store/store.h"

namespace ckptbench {

class ForwardingStore : public Store {
 public:
  explicit ForwardingStore(std::unique_ptr<Store> inner) : inner_(std::move(inner)) {}

  Result<std::unique_ptr<WriteSet>> begin(uint64_t seq, uint64_t expected_bytes) override {
    return inner_->begin(seq, expected_bytes);
  }
  Result<std::vector<uint64_t>> list() override { return inner_->list(); }
  IoResult<std::vector<std::byte>> get(uint64_t seq) override { return inner_->get(seq); }
  IoResult<std::vector<std::byte>> get_first(uint64_t seq, uint64_t limit) override {
    return inner_->get_first(seq, limit);
  }
  IoStatus read(uint64_t seq, const std::string& file, uint64_t offset,
                std::span<std::byte> bytes) override {
    return inner_->read(seq, file, offset, bytes);
  }
  Status drop(uint64_t seq, std::span<const std::string> keep_files) override {
    return inner_->drop(seq, keep_files);
  }
  uint64_t taken_up_to() const override { return inner_->taken_up_to(); }

 private:
  std::unique_ptr<Store> inner_;
};

}  // namespace ckptbench
