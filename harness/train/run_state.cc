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

std::byte* StateDigester::room_for(uint64_t bytes) {
  if (!copies_ || copies_->bytes() < bytes) {
    copies_.reset();
    auto made = device_.allocate_host(bytes);
    if (!made) {
      throw ExitError(ExitCode::kEnvironment, "to digest the state: " + made.error().message);
    }
    copies_ = std::move(made).value();
  }
  return copies_->data();
}

ComponentDigests StateDigester::digest(const StateView& state) {
  uint64_t bytes = 0;
  for (const TensorView& tensor : state.tensors) {
    if (tensor.memory == MemoryKind::kCuda) bytes += tensor.bytes;
  }
  if (bytes == 0) return digest_components(state);
  StateView host = state;
  std::byte* next = room_for(bytes);
  const auto stream = device_.make_stream();
  stream->wait_for_training();
  for (TensorView& tensor : host.tensors) {
    if (tensor.memory != MemoryKind::kCuda) continue;
    stream->to_host(next, tensor.data, tensor.bytes);
    tensor.data = next;
    tensor.memory = MemoryKind::kHost;
    next += tensor.bytes;
  }
  stream->wait();
  return digest_components(host);
}

}  // namespace ckptbench
