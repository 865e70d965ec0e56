#include "fuzz/file_archive.h"

#include <algorithm>

namespace ckptbench {
namespace {

constexpr size_t kMaxFiles = 12;
constexpr size_t kMaxName = 120;

class ArchiveReader {
 public:
  explicit ArchiveReader(std::string_view bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }
  // 0 behind the end.
  uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  // As much as there is.
  std::string text(uint64_t bytes) {
    const std::string_view part = rest_.substr(0, bytes);
    rest_.remove_prefix(part.size());
    return std::string(part);
  }

 private:
  std::string_view rest_;
};

// No path, no name that the file system refuses.
std::string file_name(std::string text) {
  text = text.substr(0, kMaxName);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '/' || c == '\0'; }, '_');
  return text.empty() || text == "." || text == ".." ? "_" : text;
}

}  // namespace

FileArchive read_archive(std::string_view bytes) {
  ArchiveReader in(bytes);
  FileArchive archive;
  archive.strategy = in.byte();
  archive.like = in.byte();
  const uint8_t flags = in.byte();
  archive.partial = (flags & 1U) != 0;
  archive.direct = (flags & 2U) != 0;
  archive.aliases = (flags & 4U) == 0;
  while (!in.empty() && archive.files.size() < kMaxFiles) {
    ArchivedFile file;
    const uint8_t kind = in.byte();
    file.kind = static_cast<ArchivedKind>(kind % kArchivedKinds);
    file.sealed = (kind & 16U) == 0;
    file.own_seq = (kind & 32U) != 0;
    file.own_chunks = (kind & 64U) == 0;
    file.name = file_name(in.text(in.byte()));
    uint64_t size = in.byte();
    size |= static_cast<uint64_t>(in.byte()) << 8U;
    file.content = in.text(size);
    archive.files.push_back(std::move(file));
  }
  return archive;
}

std::string write_archive(const FileArchive& archive) {
  std::string bytes;
  const auto put = [&](uint64_t value) { bytes += static_cast<char>(value & 0xffU); };
  put(archive.strategy);
  put(archive.like);
  put((archive.partial ? 1U : 0U) | (archive.direct ? 2U : 0U) | (archive.aliases ? 0U : 4U));
  for (const ArchivedFile& file : archive.files) {
    const std::string name = file.name.substr(0, kMaxName);
    const std::string content = file.content.substr(0, UINT16_MAX);
    put(static_cast<uint64_t>(file.kind) | (file.sealed ? 0U : 16U) | (file.own_seq ? 32U : 0U) |
        (file.own_chunks ? 0U : 64U));
    put(name.size());
    bytes += name;
    put(content.size());
    put(content.size() >> 8U);
    bytes += content;
  }
  return bytes;
}

}  // namespace ckptbench
