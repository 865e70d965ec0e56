// The machine's own limits, probed between the windows: the files of a save, written, synced and
// renamed in its sequence on the same file system, then written over in place, and one memcpy of
// what is saved. They lie in a folder beside the checkpoints: the strategy may assume that all
// files in its own are its own. With a GPU also its copies. The training thread, between windows.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "harness/core/record.h"
#include "harness/measure/probe.h"
#include "harness/platform/device.h"

namespace ckptbench {

class MeasureProbes {
 public:
  // `save`: the average one; no disk probe where it writes no file. `disk_bytes`: its blocks on
  // disk. `scratch`: exists. `saved_bytes`: of the state, what is saved. `gpu`: nullptr without
  // one.
  MeasureProbes(std::string scratch, PlainSave save, uint64_t disk_bytes, uint64_t saved_bytes,
                Device* gpu);

  // Looks for the fastest shapes of the write probes, on at most 256 MB of the files; run() then
  // takes the better of both each time. Throws as run().
  void choose_shapes();
  // Empty where nothing is written.
  std::string shapes() const;

  // Adds probe_new_file_ns, probe_overwrite_ns, probe_bytes and probe_memcpy_ns, and of a GPU
  // probe_to_host_ns, probe_to_device_ns, probe_within_device_ns, probe_pin_ns and
  // probe_device_bytes. nullptr: only to know what it costs. Returns its own time, ns. Throws
  // ExitError(kHarness) when a probe fails.
  int64_t run(SampleMap* samples);

 private:
  using Keep = std::function<void(const std::string& metric, double value)>;
  WriteTimes probe_disk() const;
  void keep_device(const Keep& keep) const;

  std::string scratch_;
  PlainSave save_;
  uint64_t disk_bytes_;
  std::vector<ProbeOptions> shapes_;
  uint64_t saved_bytes_;
  Device* gpu_;
};

}  // namespace ckptbench
