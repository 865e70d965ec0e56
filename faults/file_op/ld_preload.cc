#include "faults/file_op/ld_preload.h"

#include <fstream>

namespace ckptbench {

std::string ld_preload(const std::string& fault_library) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const size_t path = line.find('/');
    if (path == std::string::npos) continue;
    for (const char* runtime : {"/libasan.so", "/libtsan.so"}) {
      if (line.find(runtime, path) != std::string::npos)
        return line.substr(path) + ":" + fault_library;
    }
  }
  return fault_library;
}

}  // namespace ckptbench
