// The machine's own limits, probed between the blocks: a new file set of the same size and count as
// a save writes, on the same file system, written over again in place, and one memcpy of the state.
// The training thread, between blocks.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/measure/folder_scan.h"
#include "harness/measure/probe.h"

namespace ckptbench {

using SampleMap = std::map<std::string, std::vector<double>>;  // metric -> values

class MeasureProbes {
 public:
  // `written`: by one save; nothing written, no disk probe. `fsync`: what the saves claim to
  // survive asks for it. `scratch`: exists.
  MeasureProbes(std::string scratch, const Written& written, bool fsync, uint64_t state_bytes);

  // Looks for the fastest shapes of the write probes; run() then takes the better of both each
  // time. Throws as run().
  void choose_shapes();
  // Empty where nothing is written.
  std::string shapes() const;

  // Adds probe_new_file_ns, probe_overwrite_ns, probe_bytes and probe_memcpy_ns. nullptr: only to
  // know what it costs. Returns its own time, ns. Throws ExitError(kHarness) when a probe fails.
  int64_t run(SampleMap* samples);

 private:
  WriteTimes probe_disk() const;

  std::string scratch_;
  Written written_;
  std::vector<ProbeOptions> shapes_;
  uint64_t state_bytes_;
};

}  // namespace ckptbench
