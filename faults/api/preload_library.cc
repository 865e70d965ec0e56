#include "faults/api/preload_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

#include "harness/core/error.h"

namespace ckptbench {
namespace {

// A union avoids the cast from object to function pointer that ISO C++ leaves open. Null: the
// library is not there.
template <class Function>
Function find_function(const char* name) {
  union {
    void* object;
    Function function;
  } symbol{};
  symbol.object = ::dlsym(RTLD_DEFAULT, name);
  return symbol.object == nullptr ? nullptr : symbol.function;
}

CkptFaultArm find_arm() {
  return find_function<CkptFaultArm>("ckptfault_arm");
}

void arm_with(CkptFaultArm arm, const std::string& directory, const std::string& rule,
              const std::string& log_path) {
  if (arm(directory.c_str(), rule.c_str(), log_path.c_str()) == 0) return;
  throw ExitError(ExitCode::kHarness,
                  fmt::format("the preload library refused the rule '{}'", rule));
}

}  // namespace

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

void arm_preload_library(const ArmSite& site, const std::string& rule) {
  const CkptFaultArm arm = find_arm();
  if (arm == nullptr) {
    throw ExitError(ExitCode::kEnvironment,
                    "file operations cannot be counted: this process was started without the "
                    "preload library, expected LD_PRELOAD=libckptfault.so");
  }
  arm_with(arm, site.directory, rule, site.log_path);
}

void count_file_operations(const std::string& directory) {
  const char* counted = std::getenv("CKPTFAULT_ROOT");
  if (counted != nullptr && counted[0] != '\0') return;
  if (const CkptFaultArm arm = find_arm()) arm_with(arm, directory, "", "");
}

void log_file_stamps() {
  if (const auto settle = find_function<void (*)()>("ckptfault_settle")) settle();
}

SeenChanges seen_changes() {
  using Changes = uint64_t (*)(char* last, size_t size);
  const auto changes = find_function<Changes>("ckptfault_changes");
  if (changes == nullptr) return {};
  char last[4096] = "";
  const uint64_t count = changes(last, sizeof last);
  return {count, last};
}

}  // namespace ckptbench
