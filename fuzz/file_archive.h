// The content of a directory as one input: which strategy opens it and how, and its files. Numbers
// in front of texts, so that the mutator changes one file without shifting the meaning of the rest;
// whatever bytes are given mean some archive.
// Plain values; no thread rule.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ckptbench {

enum class ArchivedKind : uint8_t { kFile, kFolder, kLink, kPipe };
inline constexpr int kArchivedKinds = 4;

struct ArchivedFile {
  ArchivedKind kind = ArchivedKind::kFile;
  bool sealed = true;      // a manifest: its digest is made right
  bool own_seq = false;    // a manifest: its seq is made that of its name
  bool own_chunks = true;  // a manifest: the digests of its chunks are made right
  std::string name;        // no path
  std::string content;     // of a link: what it points at
};

struct FileArchive {
  uint8_t strategy = 0;  // index into the strategies that the target knows
  uint8_t like = 0;      // which manifest the state to restore into is like
  bool partial = false;
  bool direct = false;
  bool aliases = true;  // of the state, kept as aliases
  std::vector<ArchivedFile> files;
};

FileArchive read_archive(std::string_view bytes);
// read_archive(write_archive(x)) is x where names and contents are within their limits.
std::string write_archive(const FileArchive& archive);

}  // namespace ckptbench
