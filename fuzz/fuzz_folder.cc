#include "fuzz/fuzz_folder.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

#include "fuzz/manifest_seal.h"
#include "harness/core/digest.h"
#include "strategies/format/names.h"

namespace ckptbench {
namespace {

namespace fs = std::filesystem;

TempDir make_folder() {
  std::error_code ignored;
  const std::string memory = "/dev/shm";
  Result<TempDir> made =
      TempDir::make("ckptbench-fuzz", fs::is_directory(memory, ignored) ? memory : "");
  if (!made) throw std::runtime_error(made.error().message);
  return std::move(made).value();
}

std::optional<std::string_view> stored_bytes(const FileArchive& archive, uint64_t seq,
                                             const std::string& file, uint64_t offset,
                                             uint64_t bytes) {
  if (seq > kMaxSeq) return std::nullopt;
  const std::string name = stored_name(seq, file);
  for (const ArchivedFile& candidate : archive.files) {
    if (candidate.name != name || candidate.kind != ArchivedKind::kFile) continue;
    const std::string_view content = candidate.content;
    if (offset > content.size() || bytes > content.size() - offset) return std::nullopt;
    return content.substr(offset, bytes);
  }
  return std::nullopt;
}

void must_succeed(bool success, const std::string& path) {
  if (!success) throw std::runtime_error(fmt::format("{}: {}", path, std::strerror(errno)));
}

}  // namespace

FuzzFolder::FuzzFolder(const FileArchive& archive) : archive_(archive), folder_(make_folder()) {
  for (const ArchivedFile& file : archive.files) {
    // The first one of a name counts.
    if (!fs::exists(fs::symlink_status(path() + "/" + file.name))) make(file);
  }
}

std::string FuzzFolder::sealed(const ArchivedFile& file) const {
  if (!file.sealed || !file.name.ends_with(kManifestSuffix)) return file.content;
  std::string body(manifest_body(file.content));
  const auto name = parse_stored_name(file.name);
  if (file.own_seq && name) body = with_seq(body, name->seq);
  if (file.own_chunks) {
    body = with_chunk_digests(
        body, [this](uint64_t seq, const std::string& owner, uint64_t offset, uint64_t bytes) {
          return stored_bytes(archive_, seq, owner, offset, bytes);
        });
  }
  return sealed_manifest(body);
}

void FuzzFolder::make(const ArchivedFile& file) {
  const std::string target = path() + "/" + file.name;
  switch (file.kind) {
    case ArchivedKind::kFolder:
      must_succeed(::mkdir(target.c_str(), 0755) == 0, target);
      break;
    case ArchivedKind::kPipe:
      must_succeed(::mkfifo(target.c_str(), 0644) == 0, target);
      break;
    case ArchivedKind::kLink:
      // Only within the directory.
      if (parse_stored_name(file.content)) fs::create_symlink(file.content, target);
      break;
    case ArchivedKind::kFile: {
      std::ofstream out(target, std::ios::binary);
      out << sealed(file);
      must_succeed(static_cast<bool>(out.flush()), target);
    }
  }
}

Result<Manifest> FuzzFolder::manifest(uint64_t seq) const {
  const auto text = read_file(path() + "/" + stored_name(seq, kManifestSuffix));
  if (!text) return text.error();
  return decoded(text.value());
}

const Result<Manifest>& FuzzFolder::decoded(const std::string& text) const {
  const auto found = decoded_.find(text);
  if (found != decoded_.end()) return found->second;
  return decoded_.emplace(text, decode_manifest(std::as_bytes(std::span(text)))).first->second;
}

std::unique_ptr<GuardedState> FuzzFolder::state_like(uint64_t max_bytes) const {
  std::vector<Manifest> manifests;
  for (const ArchivedFile& file : archive_.files) {
    if (!file.name.ends_with(kManifestSuffix)) continue;
    const Result<Manifest>& manifest = decoded(sealed(file));
    if (manifest) manifests.push_back(manifest.value());
  }
  if (manifests.empty()) {
    Manifest small;
    small.tensors.resize(1);
    small.tensors[0].name = "w";
    small.tensors[0].shape = {3};
    small.tensors[0].bytes = 12;
    manifests.push_back(std::move(small));
  }
  Manifest& chosen = manifests[archive_.like % manifests.size()];
  for (ManifestTensor& tensor : chosen.tensors) {
    if (!archive_.aliases) tensor.alias_of.reset();
  }
  return GuardedState::like(chosen, max_bytes);
}

std::string FuzzFolder::fingerprint() const {
  std::vector<std::string> rows;
  for (const auto& entry : fs::directory_iterator(path())) {
    const fs::file_status status = entry.symlink_status();
    std::string content;
    if (fs::is_regular_file(status)) {
      const auto bytes = read_file(entry.path().string());
      content = bytes ? to_hex(digest_of(std::as_bytes(std::span(bytes.value())))) : "unreadable";
    }
    rows.push_back(fmt::format("{} {} {}", entry.path().filename().string(),
                               static_cast<int>(status.type()), content));
  }
  std::sort(rows.begin(), rows.end());
  return fmt::format("{}", fmt::join(rows, "\n"));
}

}  // namespace ckptbench
