// What the injectors of a job saw and did: the file operations below the checkpoint directory, and
// the evidence of the fault. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ckptbench {

struct FileOperation {
  std::string op;
  std::string path;         // relative to the checkpoint directory
  std::string to;           // the second name of a rename or a link; empty: none, or outside
  uint64_t occurrence = 0;  // of this operation on this path, from 1
  uint64_t bytes = 0;       // a write's
  friend bool operator==(const FileOperation&, const FileOperation&) = default;
};

struct FaultEvidence {
  bool fired = false;
  std::string point;  // "before write a.tmp #3 (operation 12)"; "before phase sync #2"
  std::vector<FileOperation> operations;
  std::vector<std::string> mapped;  // files that were mapped to be written, shared; in their order
};

}  // namespace ckptbench
