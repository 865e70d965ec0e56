// What a save may leave behind in the process and on disk, one value after each decided save: the
// judge looks for growth. One training thread.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace ckptbench {

class LeakSamples {
 public:
  explicit LeakSamples(std::string folder) : folder_(std::move(folder)) {}
  // Throws ExitError where /proc or the folder cannot be read.
  void take();
  // Adds `descriptors`, `processes`, `heap_bytes`, `resident_bytes` (empty under a sanitizer),
  // `retained_bytes`.
  void add_to(nlohmann::json& observed) const;

 private:
  std::string folder_;
  std::vector<uint64_t> descriptors_;
  std::vector<uint64_t>
      processes_;  // this one and all below it, dead ones that nobody waited for too
  std::vector<uint64_t> heap_bytes_;
  std::vector<uint64_t> resident_bytes_;
  std::vector<uint64_t> retained_bytes_;
};

}  // namespace ckptbench
