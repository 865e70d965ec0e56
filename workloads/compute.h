// The forward and backward pass of a synthetic workload: a given time per step in which the
// processor idles, calculates, or moves memory. One training thread calls it.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

namespace ckptbench {

enum class ComputeKind {
  kIdle,    // sleeps: nothing competes with a save
  kBusy,    // calculates on values in registers and caches: competes for the processor
  kMemory,  // copies large buffers: competes for the memory, as forward and backward passes do
};

class Compute {
 public:
  // "idle", "busy", "memory", as the parameter `compute` names them.
  static const std::vector<std::string>& kinds();
  static ComputeKind kind(const std::string& name);

  // Busy and memory: a fixed amount of work on all of torch's threads (or on the GPU), measured
  // here to take `milliseconds` undisturbed; other work makes it longer, as it does to real
  // training. Memory takes two buffers.
  Compute(double milliseconds, ComputeKind kind, at::Device device);

  // What `memory` copies on a device: the bytes of each buffer, and those of one round.
  struct Moved {
    int64_t buffer_bytes;
    int64_t round_bytes;
  };
  static Moved moved(at::DeviceType device);

  void run();

 private:
  void work(int64_t rounds);
  void calculate(int64_t rounds);
  void move_memory(int64_t rounds);

  double milliseconds_;
  ComputeKind kind_;
  at::Device device_;
  at::Tensor from_, to_;  // kMemory: the buffers; kBusy on a GPU: the matrix and its powers
  int64_t rounds_ = 0;
};

}  // namespace ckptbench
