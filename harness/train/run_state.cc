#include "harness/train/run_state.h"

#include <vector>

#include "harness/train/plugins.h"

namespace ckptbench {
namespace {

TensorView policy_tensor(const std::string& name, DType dtype, void* data) {
  return {.name = name,
          .role = Role::kPolicy,
          .dtype = dtype,
          .shape = {1},
          .data = static_cast<std::byte*>(data),
          .bytes = dtype_bytes(dtype),
          .mutates = Mutates::kAnyTime};
}

std::unique_ptr<Workload> make(const Cell& cell) {
  auto params = check_workload(cell.workload);
  if (!params) throw ExitError(ExitCode::kUsage, params.error().message);
  auto workload = make_workload(cell.workload.name, params.value(), cell.device);
  workload->init(cell.seed);
  return workload;
}

}  // namespace

RunState::RunState(const Cell& cell, Device& device) : RunState(make(cell), cell.policy, device) {}

RunState::RunState(std::unique_ptr<Workload> workload, const Policy& policy, Device& device)

    : digester_(device), workload_(std::move(workload)), policy_(initial_memory(policy)) {
  view_.tensors = workload_->state().tensors;
  view_.tensors.push_back(policy_tensor("policy.best", DType::kF64, &policy_.best));
  view_.tensors.push_back(policy_tensor("policy.epochs", DType::kI64, &policy_.epochs));
}

StateView& RunState::view() {
  workload_->state();
  return view_;
}

ComponentDigests RunState::digests() {
  return digester_.digest(view());
}

ComponentDigests StateDigester::digest(const StateView& state) {
  std::vector<MemoryRange> ranges;
  std::vector<size_t> owners;
  for (size_t i = 0; i < state.tensors.size(); ++i) {
    const TensorView& tensor = state.tensors[i];
    if (tensor.memory != MemoryKind::kCuda || tensor.alias_of) continue;
    ranges.push_back({tensor.data, tensor.bytes});
    owners.push_back(i);
  }
  if (ranges.empty()) return digest_components(state);
  std::vector<MemoryDigest> digests = device_.digest(ranges);
  StateView host = state;
  for (size_t i = 0; i < owners.size(); ++i) {
    TensorView& tensor = host.tensors[owners[i]];
    tensor.data = reinterpret_cast<std::byte*>(&digests[i]);
    tensor.bytes = sizeof(MemoryDigest);
    tensor.memory = MemoryKind::kHost;
  }
  return digest_components(host);
}

}  // namespace ckptbench
