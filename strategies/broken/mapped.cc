#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_strategy.h"

namespace ckptbench {
namespace {

// A file mapped shared, to be written.
class Mapping {
 public:
  Mapping() = default;
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { unmap(); }

  // Of this size, whatever it was.
  Status map(const std::string& path, size_t bytes) {
    unmap();
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    const bool sized = fd >= 0 && ::ftruncate(fd, static_cast<off_t>(bytes)) == 0;
    void* const at =
        sized ? ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    const int cause = errno;
    if (fd >= 0) ::close(fd);
    if (at == MAP_FAILED) return Error{path + ": " + std::strerror(cause)};
    bytes_ = {static_cast<std::byte*>(at), bytes};
    return {};
  }
  std::span<std::byte> bytes() const { return bytes_; }

 private:
  void unmap() {
    if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
    bytes_ = {};
  }
  std::span<std::byte> bytes_;
};

// Flaw: the first save of a process is a file of its own, and each later one is stored over it
// through a mapping: a piece at once, one more with each group of tensors that an update changes,
// acknowledged when the first is there.
class Mapped : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

  void before_update(std::span<const TensorView>, std::span<const TensorView>) override {
    store_piece();
  }

 protected:
  std::string file_name(uint64_t) const override { return "checkpoint.bin"; }

  Status publish(const Image& image) override {
    if (!has_file_) {
      Status published = FileStrategy::publish(image);
      has_file_ = published.ok();
      return published;
    }
    const Status mapped = mapping_.map(path(file_name(image.seq())), image.bytes().size());
    if (!mapped) return mapped;
    image_ = image;
    stored_ = 0;
    store_piece();
    return {};
  }

 private:
  void store_piece() {
    if (!image_) return;
    const std::span<const std::byte> bytes = image_->bytes();
    const size_t count = std::min(bytes.size() / kPieces + 1, bytes.size() - stored_);
    std::memcpy(mapping_.bytes().data() + stored_, bytes.data() + stored_, count);
    stored_ += count;
    if (stored_ == bytes.size()) image_.reset();
  }

  static constexpr size_t kPieces = 64;
  Mapping mapping_;
  bool has_file_ = false;       // this process has written it
  std::optional<Image> image_;  // that is being stored
  size_t stored_ = 0;           // bytes of it
};

}  // namespace

BrokenRow mapped_row() {
  return {.name = "broken-mapped",
          .summary = "stores later saves over the only file through a mapping, piece by piece",
          .source = "https://github.com/Tencent/MMKV/issues/729",
          .make = new_strategy<Mapped>,
          .fault = kill_at_share("0.5"),
          .data = DataVerdict::kDetectedUnrecoverable};
}

}  // namespace ckptbench
