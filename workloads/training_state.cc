#include "workloads/training_state.h"

#include "workloads/torch_device.h"

namespace ckptbench {

TrainingState::TrainingState(const TrainingLayout& layout, at::Device device) : device_(device) {
  const std::span<const ParameterSpec> specs(layout.parameters);
  for (size_t begin = 0; begin < specs.size();) {
    size_t end = begin;
    while (end < specs.size() && specs[end].bucket == specs[begin].bucket) ++end;
    declare_bucket(specs.subspan(begin, end - begin));
    begin = end;
  }
  declare_schedule(layout.scales);
  declare_rest(layout);
  allocate(layout.accumulates);
}

void TrainingState::declare_bucket(std::span<const ParameterSpec> specs) {
  Run run;
  run.begin = arena_.view().tensors.size();
  run.slot_begin = slots_.size();
  run.slot_end = run.slot_begin + specs.size();
  slots_.resize(run.slot_end);
  for (size_t i = 0; i < specs.size(); ++i) {
    const size_t index = arena_.add(
        {specs[i].name, Role::kParameter, DType::kF32, specs[i].shape, Mutates::kAtUpdate, true});
    slots_[run.slot_begin + i].parameter = index;
    if (specs[i].alias) arena_.add_alias(*specs[i].alias, index);
  }
  const auto add_moments = [&](const char* prefix, Role role, size_t Slot::*index) {
    for (size_t i = 0; i < specs.size(); ++i) {
      slots_[run.slot_begin + i].*index = arena_.add(
          {prefix + specs[i].name, role, DType::kF32, specs[i].shape, Mutates::kAtUpdate, true});
    }
  };
  add_moments("adamw.m.", Role::kMoment1, &Slot::moment1);
  add_moments("adamw.v.", Role::kMoment2, &Slot::moment2);
  for (size_t i = 0; i < specs.size(); ++i) {
    slots_[run.slot_begin + i].counter = arena_.add({"adamw.step." + specs[i].name,
                                                     Role::kOptimizerStep,
                                                     DType::kI64,
                                                     {1},
                                                     Mutates::kAtUpdate});
  }
  run.end = arena_.view().tensors.size();
  if (specs.front().frozen) return;
  run.gradient_begin = gradients_.view().tensors.size();
  for (size_t i = 0; i < specs.size(); ++i) {
    slots_[run.slot_begin + i].gradient =
        gradients_.add({"grad." + specs[i].name, Role::kGradient, DType::kF32, specs[i].shape,
                        Mutates::kAnyTime, true});
  }
  run.gradient_end = gradients_.view().tensors.size();
  runs_.push_back(run);
}

void TrainingState::declare_schedule(bool scales) {
  rate_ = arena_.add({"schedule.learning_rate", Role::kLearningRate, DType::kF64, {1}});
  position_ = arena_.add({"schedule.position", Role::kLearningRate, DType::kI64, {1}});
  if (scales) {
    scale_ = arena_.add({"scaler.scale", Role::kLossScaler, DType::kF32, {1}});
    growth_ = arena_.add({"scaler.growth_tracker", Role::kLossScaler, DType::kI32, {1}});
  }
  step_ = arena_.add({"counter.step", Role::kCounter, DType::kI64, {1}});
  Run run;
  run.begin = rate_;
  run.end = step_ + 1;
  runs_.push_back(run);
}

void TrainingState::declare_rest(const TrainingLayout& layout) {
  constexpr Mutates kAny = Mutates::kAnyTime;
  first_buffer_ = arena_.view().tensors.size();
  for (const BufferSpec& spec : layout.buffers) {
    const DType dtype = spec.integer ? DType::kI64 : DType::kF32;
    arena_.add({spec.name, Role::kBuffer, dtype, spec.shape, kAny, true});
  }
  order_ = arena_.add({"loader.order", Role::kLoader, DType::kI64, {layout.samples}, kAny});
  cursor_ = arena_.add({"loader.position", Role::kLoader, DType::kI64, {1}, kAny});
  epoch_ = arena_.add({"loader.epoch", Role::kLoader, DType::kI64, {1}, kAny});
  rng_ = arena_.add({"rng.cpu", Role::kRng, DType::kU8, {layout.host_rng_bytes}, kAny});
  if (layout.device_rng_bytes > 0) {
    device_rng_ = arena_.add({"rng.cuda", Role::kRng, DType::kU8, {layout.device_rng_bytes}, kAny});
  }
  if (layout.accumulates) {
    present_ = arena_.add({"grad.present", Role::kGradient, DType::kU8, {1}, kAny});
  }
}

void TrainingState::allocate(bool accumulates) {
  const StateArena::DeviceAllocate device = device_allocate(device_, device_memory_);
  arena_.allocate(device);
  gradients_.allocate(device);
  uint64_t padded = 0;
  for (const TensorView& view : gradients_.view().tensors) {
    padded += padded_bytes(view.bytes);
    if (accumulates) arena_.view().tensors.push_back(view);
  }
  TensorView flat = gradients_.at(0);
  flat.shape = {static_cast<int64_t>(padded / sizeof(float))};
  flat_gradients_ = tensor_on(flat, device_);

  const std::span<const TensorView> state(arena_.view().tensors);
  const std::span<const TensorView> gradients(gradients_.view().tensors);
  for (const Run& run : runs_) {
    buckets_.push_back(
        {state.subspan(run.begin, run.end - run.begin),
         gradients.subspan(run.gradient_begin, run.gradient_end - run.gradient_begin),
         run.slot_begin, run.slot_end});
  }
}

AdamWTensors TrainingState::adamw(size_t slot) const {
  const Slot& at = slots_[slot];
  AdamWTensors tensors;
  tensors.parameter = &arena_.at(at.parameter);
  tensors.moment1 = &arena_.at(at.moment1);
  tensors.moment2 = &arena_.at(at.moment2);
  tensors.gradient = &gradients_.at(at.gradient.value());
  return tensors;
}

at::Tensor TrainingState::parameter(size_t slot) const {
  return tensor_on(arena_.at(slots_[slot].parameter), device_);
}

std::optional<at::Tensor> TrainingState::gradient(size_t slot) const {
  if (!slots_[slot].gradient) return std::nullopt;
  return tensor_on(gradients_.at(*slots_[slot].gradient), device_);
}

at::Tensor TrainingState::buffer(size_t index) const {
  return tensor_on(arena_.at(first_buffer_ + index), device_);
}

at::Tensor TrainingState::order() const {
  return tensor_on(arena_.at(order_), device_);
}

void TrainingState::set_gradients_present(bool present) {
  if (present_) *arena_.host<uint8_t>(*present_) = present ? 1 : 0;
}

}  // namespace ckptbench
