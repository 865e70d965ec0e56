// Facts about the machine for reports, so that a figure can be read where it was measured. No host
// name, no user: reports are published. Free functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ckptbench {

struct Filesystem {
  std::string type;     // "ext4", "tmpfs"; "unknown"
  std::string device;   // as mounted: "/dev/vda", "overlay"
  std::string options;  // mount options
  uint64_t total_bytes = 0;
  uint64_t free_bytes = 0;  // to an ordinary user
};
// Of the file system that holds `path`. All fields "unknown" and 0 when it cannot be looked at.
Filesystem filesystem_of(const std::string& path);

// Cores that this process may run on and whose time its control group grants, rounded up; at
// least 1.
uint64_t usable_cores();

struct Machine {
  std::string cpu;     // model name
  uint64_t cores = 0;  // that this process may run on
  uint64_t memory_bytes = 0;
  std::string kernel;             // "Linux 6.1.0 x86_64"
  std::string distribution;       // "Debian GNU/Linux 12 (bookworm)"
  std::string virtualization;     // "none", "yes (KVM)"
  std::vector<std::string> gpus;  // "NVIDIA H200, 143771 MiB, driver 580.1"; empty: none found
};
// Runs nvidia-smi, where there is one, for at most a few seconds.
Machine describe_machine();

// The same as pairs of words, for tables and JSON: {"cpu", "…"}, {"cores", "2"}, …
std::vector<std::pair<std::string, std::string>> machine_facts(const Machine& machine,
                                                               const Filesystem& disk);

}  // namespace ckptbench
