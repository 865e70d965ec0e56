// An archive as a directory of its own in memory (/dev/shm where there is one), removed with
// everything in it by the destructor. Manifests get the checksums that the archive wants for them.
// Not thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "fuzz/file_archive.h"
#include "fuzz/guarded_state.h"
#include "harness/core/error.h"
#include "harness/platform/files.h"
#include "strategies/format/manifest.h"

namespace ckptbench {

class FuzzFolder {
 public:
  // Throws std::runtime_error when the directory cannot be made.
  explicit FuzzFolder(const FileArchive& archive);

  const std::string& path() const { return folder_.path(); }
  // The commit record of a checkpoint as it lies there. Errors: it cannot be read or decoded.
  Result<Manifest> manifest(uint64_t seq) const;
  // A state like the archive's chosen manifest; where none can be decoded, one small tensor.
  std::unique_ptr<GuardedState> state_like(uint64_t max_bytes) const;
  // Changes whenever a name, a kind or a byte does.
  std::string fingerprint() const;

 private:
  std::string sealed(const ArchivedFile& file) const;
  const Result<Manifest>& decoded(const std::string& text) const;
  void make(const ArchivedFile& file);

  const FileArchive& archive_;
  TempDir folder_;
  mutable std::map<std::string, Result<Manifest>> decoded_;  // text -> what it says
};

}  // namespace ckptbench
