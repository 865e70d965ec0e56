#include "harness/train/fill_pattern.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>

#include "harness/core/digest.h"
#include "harness/core/prng.h"

namespace ckptbench {
namespace {

constexpr uint64_t kWordBytes = 8;
// The top bit of every byte is set, so that no flag and no small counter looks like the pattern.
constexpr uint64_t kTopBits = 0x8080808080808080ULL;

Prng words_of(const TensorView& tensor) {
  return Prng(digest_of(bytes_of(tensor.name)).low);
}

void write_pattern(const TensorView& tensor, std::byte* to) {
  Prng words = words_of(tensor);
  for (uint64_t at = 0; at < tensor.bytes; at += kWordBytes) {
    const uint64_t word = words.next() | kTopBits;
    std::memcpy(to + at, &word, std::min(kWordBytes, tensor.bytes - at));
  }
}

bool holds_pattern(const TensorView& tensor, const std::byte* bytes) {
  Prng words = words_of(tensor);
  for (uint64_t at = 0; at < tensor.bytes; at += kWordBytes) {
    const uint64_t word = words.next() | kTopBits;
    const uint64_t length = std::min(kWordBytes, tensor.bytes - at);
    // The rest of a longer tensor is too short to prove anything.
    if (length < kWordBytes && at > 0) return false;
    if (std::memcmp(bytes + at, &word, length) == 0) return true;
  }
  return false;
}

}  // namespace

void overwrite_with_pattern(Device& device, StateView& state) {
  std::vector<std::byte> host;
  for (TensorView& tensor : state.tensors) {
    if (tensor.alias_of) continue;
    if (tensor.memory != MemoryKind::kCuda) {
      write_pattern(tensor, tensor.data);
      continue;
    }
    host.resize(tensor.bytes);
    write_pattern(tensor, host.data());
    const auto stream = device.make_stream();
    stream->wait_for_training();
    stream->to_device(tensor.data, host.data(), tensor.bytes);
    stream->wait();
  }
}

std::vector<std::string> find_unfilled(Device& device, const StateView& state) {
  std::vector<std::string> names;
  std::vector<std::byte> host;
  for (const TensorView& tensor : state.tensors) {
    if (tensor.alias_of) continue;
    const std::byte* bytes = tensor.data;
    if (tensor.memory == MemoryKind::kCuda) {
      host.resize(tensor.bytes);
      const auto stream = device.make_stream();
      stream->wait_for_training();
      stream->to_host(host.data(), tensor.data, tensor.bytes);
      stream->wait();
      bytes = host.data();
    }
    if (holds_pattern(tensor, bytes)) names.push_back(tensor.name);
  }
  return names;
}

}  // namespace ckptbench
