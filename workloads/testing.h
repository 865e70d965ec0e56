// What the tests and micro-benchmarks of this folder share: making a workload from text, copies of
// a state, hooks. Host memory only; one thread.
#pragma once

#include <ATen/Parallel.h>

#include <cstring>
#include <memory>
#include <optional>
#include <ostream>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/core/digest.h"
#include "workloads/workload.h"

namespace ckptbench::testing {

// A workload and its parameters as text.
struct Case {
  std::string name;
  ParamText params;
};

// Every workload at its small size, then the cases that one test file adds.
inline std::vector<Case> every_workload_and(const std::vector<Case>& further) {
  std::vector<Case> cases;
  for (const WorkloadInfo& info : workload_infos()) cases.push_back({info.name, info.small_params});
  cases.insert(cases.end(), further.begin(), further.end());
  return cases;
}

// GoogleTest names a parametrised test with this.
inline void PrintTo(const Case& which, std::ostream* out) {
  *out << which.name;
  for (const auto& [key, value] : which.params) *out << ' ' << key << '=' << value;
}

inline std::unique_ptr<Workload> make(const Case& which, const std::string& device = "cpu") {
  for (const WorkloadInfo& info : workload_infos()) {
    if (info.name != which.name) continue;
    const Result<Params> params = Params::make(which.name, info.params, which.params);
    if (!params.ok()) throw std::invalid_argument(params.error().message);
    return make_workload(which.name, params.value(), device);
  }
  throw std::invalid_argument("no workload named " + which.name);
}

// One thread: what is tested does not depend on it, and busy waiting on loaded cores is slow.
inline std::unique_ptr<Workload> start(const Case& which, uint64_t seed) {
  at::set_num_threads(1);
  std::unique_ptr<Workload> workload = make(which);
  workload->init(seed);
  return workload;
}

// The losses of the steps.
inline std::vector<double> advance(Workload& workload, int steps) {
  NoHook hook;
  std::vector<double> losses;
  for (int i = 0; i < steps; ++i) losses.push_back(workload.step(hook).loss);
  return losses;
}

inline ComponentDigests digests(Workload& workload) {
  return digest_components(workload.state());
}

using Bytes = std::vector<std::byte>;

inline Bytes copy_of(const TensorView& tensor) {
  return Bytes(tensor.data, tensor.data + tensor.bytes);
}

// One copy per tensor of the view, in order.
inline std::vector<Bytes> copy_of(const StateView& state) {
  std::vector<Bytes> copies;
  for (const TensorView& tensor : state.tensors) copies.push_back(copy_of(tensor));
  return copies;
}

// As a strategy restores: bytes first, then load(). Tensors of role `without` keep their content.
inline void restore(Workload& workload, const std::vector<Bytes>& copies,
                    std::optional<Role> without = {}) {
  StateView& state = workload.state();
  for (size_t i = 0; i < state.tensors.size(); ++i) {
    const TensorView& tensor = state.tensors[i];
    if (tensor.role != without) std::memcpy(tensor.data, copies[i].data(), tensor.bytes);
  }
  workload.load();
}

// The same, but for the tensor at `without`.
inline void restore_all_but(Workload& workload, const std::vector<Bytes>& copies, size_t without) {
  StateView& state = workload.state();
  for (size_t i = 0; i < state.tensors.size(); ++i) {
    if (state.tensors[i].alias_of) continue;  // would bring the bytes back under another name
    if (i != without) std::memcpy(state.tensors[i].data, copies[i].data(), copies[i].size());
  }
  workload.load();
}

}  // namespace ckptbench::testing
