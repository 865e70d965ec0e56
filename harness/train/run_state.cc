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
    : device_(device), workload_(std::move(workload)), policy_(initial_memory(policy)) {
  view_.tensors = workload_->state().tensors;
  view_.tensors.push_back(policy_tensor("policy.best", DType::kF64, &policy_.best));
  view_.tensors.push_back(policy_tensor("policy.epochs", DType::kI64, &policy_.epochs));
}

StateView& RunState::view() {
  workload_->state();
  return view_;
}

ComponentDigests RunState::digests() {
  return digest_state(device_, view());
}

ComponentDigests digest_state(Device& device, const StateView& state) {
  StateView host = state;
  std::vector<std::vector<std::byte>> copies;
  std::unique_ptr<CopyStream> stream;
  for (TensorView& tensor : host.tensors) {
    if (tensor.memory != MemoryKind::kCuda) continue;
    if (!stream) {
      stream = device.make_stream();
      stream->wait_for_training();
    }
    copies.emplace_back(tensor.bytes);
    stream->to_host(copies.back().data(), tensor.data, tensor.bytes);
    tensor.data = copies.back().data();
    tensor.memory = MemoryKind::kHost;
  }
  if (stream) stream->wait();
  return digest_components(host);
}

}  // namespace ckptbench
