#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "harness/platform/file.h"
#include "harness/platform/files.h"
#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_strategy.h"

namespace ckptbench {
namespace {

constexpr uint64_t kCycle = 2;  // a full save, then increments
constexpr uint64_t kSlots = 2;  // bases that are kept, by turns
constexpr uint64_t kMaxBaseBytes = 1ULL << 40;

uint64_t cycle_of(uint64_t seq) {
  return (seq - 1) / kCycle;
}
bool is_full(uint64_t seq) {
  return (seq - 1) % kCycle == 0;
}

void combine(std::span<std::byte> bytes, std::span<const std::byte> with) {
  const size_t count = std::min(bytes.size(), with.size());
  for (size_t i = 0; i < count; ++i) bytes[i] ^= with[i];
}

// Every second save is full and becomes the base of the next one, which stores the difference
// (XOR) to it. The bases lie in two files, by turns.
// Flaw: a base is written where its file is not there yet, or in the first two cycles. From the
// third one on an increment is made against the new base and read against the old one.
class ThirdCycle : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

  RestoreOutcome restore(StateView& state, const Want& want, Replay* replay) override {
    RestoreOutcome outcome = FileStrategy::restore(state, want, replay);
    const auto* const restored = std::get_if<Restored>(&outcome);
    if (restored == nullptr || is_full(restored->seq)) return outcome;
    const Result<LoadedImage> base = read_base(restored->seq);
    if (!base) return Refused{base.error().message};
    for (const LoadedImage::Tensor& tensor : base.value().tensors) {
      const TensorView* const view = state.find(tensor.name);
      if (view == nullptr || view->memory == MemoryKind::kCuda) continue;
      combine({view->data, view->bytes}, tensor.bytes);
    }
    return outcome;
  }

 protected:
  Status publish(const Image& image) override {
    if (!is_full(image.seq())) return publish_increment(image);
    if (Status kept = keep_base(image); !kept) return kept;
    return FileStrategy::publish(image);
  }

 private:
  Status keep_base(const Image& image) {
    const std::string file = base_path(image.seq());
    if (cycle_of(image.seq()) < kSlots || !std::filesystem::exists(file)) {
      const auto* const text = reinterpret_cast<const char*>(image.bytes().data());
      const Status written = write_file_atomically(file, {text, image.bytes().size()}, Sync::kYes);
      if (!written) return written;
    }
    return remember(decode_image({image.bytes().begin(), image.bytes().end()}, true));
  }

  Status publish_increment(const Image& image) {
    if (base_.empty()) {
      if (const Status known = remember(read_base(image.seq())); !known) return known;
    }
    const Result<LoadedImage> loaded =
        decode_image({image.bytes().begin(), image.bytes().end()}, true);
    if (!loaded) return loaded.error();
    std::vector<TensorView> views = image.tensors();
    std::vector<std::vector<std::byte>> differences;
    for (size_t i = 0; i < views.size(); ++i) {
      const LoadedImage::Tensor& tensor = loaded.value().tensors[i];
      std::vector<std::byte>& bytes =
          differences.emplace_back(tensor.bytes.begin(), tensor.bytes.end());
      if (views[i].memory != MemoryKind::kCuda) combine(bytes, base_[tensor.name]);
      views[i].data = bytes.data();
      views[i].memory = MemoryKind::kHost;
    }
    Image increment(std::move(views), image.seq(), image.request());
    for (size_t i = 0; i < increment.tensors().size(); ++i) increment.capture(i, context().device);
    increment.seal();
    return FileStrategy::publish(increment);
  }

  Status remember(const Result<LoadedImage>& base) {
    if (!base) return base.error();
    base_.clear();
    for (const LoadedImage::Tensor& tensor : base.value().tensors) {
      base_[tensor.name] = {tensor.bytes.begin(), tensor.bytes.end()};
    }
    return {};
  }

  std::string base_path(uint64_t seq) const {
    return path(fmt::format("base-{}.bin", cycle_of(seq) % kSlots));
  }
  Result<LoadedImage> read_base(uint64_t seq) const {
    Result<std::vector<std::byte>> bytes = read_bytes(base_path(seq), kMaxBaseBytes);
    if (!bytes) return bytes.error();
    return decode_image(std::move(bytes).value(), true);
  }

  std::map<std::string, std::vector<std::byte>> base_;  // of the cycle, by name
};

}  // namespace

BrokenRow third_cycle_row() {
  return {.name = "broken-third-cycle",
          .summary = "from the third full save on, increments are read against an old one",
          .source = "https://github.com/ossc-db/pg_rman/issues/154",
          .make = new_strategy<ThirdCycle>,
          .data = DataVerdict::kSilentCorrupt,
          .component = Role::kParameter};
}

}  // namespace ckptbench
