#include "workloads/training_job.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "harness/core/error.h"

namespace ckptbench {
namespace {

constexpr int64_t kParallelGrain = 1 << 16;  // elements
constexpr double kClipEpsilon = 1e-6;        // as torch.nn.utils.clip_grad_norm_

at::ScalarType scalar_type(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return at::kFloat;
    case DType::kF64:
      return at::kDouble;
    case DType::kI64:
      return at::kLong;
    case DType::kU8:
      return at::kByte;
    default:
      throw std::logic_error("training job: no tensor of this element type");
  }
}

at::Device open_device(const std::string& name) {
  if (name != "cuda") return at::Device(at::kCPU);
  // cuBLAS is deterministic only with a fixed workspace; it reads this when it starts.
  setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 0);
  if (!at::hasCUDA()) {
    throw ExitError(ExitCode::kEnvironment, "device 'cuda': no usable GPU, or a CPU-only worker");
  }
  at::globalContext().setDeterministicAlgorithms(true, false);
  at::globalContext().setDeterministicCuDNN(true);
  at::globalContext().setBenchmarkCuDNN(false);
  return at::Device(at::kCUDA, 0);
}

at::Tensor generator_bytes(const TensorView& view) {
  return at::from_blob(view.data, {static_cast<int64_t>(view.bytes)}, at::kByte);
}

void save_generator(const at::Generator& generator, const TensorView& view) {
  const at::Tensor bytes = generator.get_state();
  std::memcpy(view.data, bytes.const_data_ptr(), view.bytes);
}

void load_generator(at::Generator& generator, const TensorView& view) {
  try {
    generator.set_state(generator_bytes(view).clone());
  } catch (const c10::Error& error) {
    throw std::runtime_error(view.name +
                             ": not a state of the generator: " + error.what_without_backtrace());
  }
}

}  // namespace

TrainingJob::TrainingJob(std::unique_ptr<TorchModel> model, const TrainingOptions& options,
                         const std::string& device)
    : model_(std::move(model)), options_(options), device_(open_device(device)) {}

TrainingJob::~TrainingJob() = default;

void TrainingJob::init(uint64_t seed) {
  const c10::NoGradGuard no_grad;
  generator_ = at::make_generator<at::CPUGeneratorImpl>(seed);
  if (device_.is_cuda()) {
    device_generator_ = at::globalContext().defaultGenerator(device_).clone();
    device_generator_->set_current_seed(seed);
  }
  const std::vector<ParameterSpec> parameters = model_->parameters();
  const std::vector<BufferSpec> buffers = model_->buffers();
  declare_parameters(parameters);
  declare_rest(buffers);
  allocate();
  fill(parameters, buffers);
  bind(buffers.size());
  start_epoch();
  sync_generators();
}

void TrainingJob::declare_parameters(const std::vector<ParameterSpec>& specs) {
  for (size_t begin = 0; begin < specs.size();) {
    size_t end = begin;
    while (end < specs.size() && specs[end].bucket == specs[begin].bucket) ++end;
    declare_bucket(specs, begin, end);
    begin = end;
  }
}

void TrainingJob::declare_bucket(const std::vector<ParameterSpec>& specs, size_t begin,
                                 size_t end) {
  Bucket bucket;
  bucket.slot_begin = slots_.size();
  for (size_t i = begin; i < end; ++i) {
    const ParameterSpec& spec = specs[i];
    Slot slot;
    slot.decay = spec.decay;
    slot.frozen = spec.frozen;
    slot.parameter = arena_.add(
        {spec.name, Role::kParameter, DType::kF32, spec.shape, Mutates::kAtUpdate, true});
    if (i == begin) bucket.state_begin = slot.parameter;
    if (spec.alias) arena_.add_alias(*spec.alias, slot.parameter);
    slots_.push_back(slot);
  }
  const auto add_each = [&](const char* prefix, Role role, size_t Slot::*index) {
    for (size_t i = begin; i < end; ++i) {
      slots_[bucket.slot_begin + i - begin].*index = arena_.add(
          {prefix + specs[i].name, role, DType::kF32, specs[i].shape, Mutates::kAtUpdate, true});
    }
  };
  add_each("adamw.m.", Role::kMoment1, &Slot::moment1);
  add_each("adamw.v.", Role::kMoment2, &Slot::moment2);
  for (size_t i = begin; i < end; ++i) {
    Slot& slot = slots_[bucket.slot_begin + i - begin];
    slot.counter = arena_.add({"adamw.step." + specs[i].name,
                               Role::kOptimizerStep,
                               DType::kI64,
                               {1},
                               Mutates::kAtUpdate,
                               false});
    bucket.state_end = slot.counter + 1;
  }
  bucket.slot_end = slots_.size();
  if (slots_[bucket.slot_begin].frozen) return;
  bucket.gradient_begin = gradients_.view().tensors.size();
  for (size_t i = begin; i < end; ++i) {
    slots_[bucket.slot_begin + i - begin].gradient =
        gradients_.add({"grad." + specs[i].name, Role::kGradient, DType::kF32, specs[i].shape,
                        Mutates::kAnyTime, true});
  }
  bucket.gradient_end = gradients_.view().tensors.size();
  buckets_.push_back(bucket);
}

void TrainingJob::declare_rest(const std::vector<BufferSpec>& buffers) {
  rate_ = arena_.add({"schedule.learning_rate", Role::kLearningRate, DType::kF64, {1}});
  position_ = arena_.add({"schedule.position", Role::kLearningRate, DType::kI64, {1}});
  step_ = arena_.add({"counter.step", Role::kCounter, DType::kI64, {1}});
  Bucket schedule;
  schedule.state_begin = rate_;
  schedule.state_end = step_ + 1;
  buckets_.push_back(schedule);

  first_buffer_ = arena_.view().tensors.size();
  for (const BufferSpec& spec : buffers) {
    arena_.add({spec.name, Role::kBuffer, spec.integer ? DType::kI64 : DType::kF32, spec.shape,
                Mutates::kAnyTime, true});
  }
  const int64_t samples = model_->train_samples();
  order_ = arena_.add({"loader.order", Role::kLoader, DType::kI64, {samples}, Mutates::kAnyTime});
  cursor_ = arena_.add({"loader.position", Role::kLoader, DType::kI64, {1}, Mutates::kAnyTime});
  epoch_ = arena_.add({"loader.epoch", Role::kLoader, DType::kI64, {1}, Mutates::kAnyTime});
  rng_ = arena_.add(
      {"rng.cpu", Role::kRng, DType::kU8, {generator_.get_state().numel()}, Mutates::kAnyTime});
  if (device_generator_) {
    device_rng_ = arena_.add({"rng.cuda",
                              Role::kRng,
                              DType::kU8,
                              {device_generator_->get_state().numel()},
                              Mutates::kAnyTime});
  }
  if (options_.accumulate > 1) {
    present_ = arena_.add({"grad.present", Role::kGradient, DType::kU8, {1}, Mutates::kAnyTime});
  }
}

void TrainingJob::allocate() {
  StateArena::DeviceAllocate device;
  if (device_.is_cuda()) {
    device = [this](uint64_t bytes) {
      device_memory_.push_back(at::zeros({static_cast<int64_t>(bytes)},
                                         at::TensorOptions().dtype(at::kByte).device(device_)));
      return static_cast<std::byte*>(device_memory_.back().mutable_data_ptr());
    };
  }
  arena_.allocate(device);
  gradients_.allocate(device);
  uint64_t padded = 0;
  for (const TensorView& view : gradients_.view().tensors) {
    padded += padded_bytes(view.bytes);
    if (options_.accumulate > 1) arena_.view().tensors.push_back(view);
  }
  TensorView flat = gradients_.at(0);
  flat.shape = {static_cast<int64_t>(padded / sizeof(float))};
  flat_gradients_ = tensor_of(flat);
}

at::Tensor TrainingJob::tensor_of(const TensorView& view) const {
  const at::Device device = view.memory == MemoryKind::kCuda ? device_ : at::Device(at::kCPU);
  return at::from_blob(view.data, view.shape,
                       at::TensorOptions().dtype(scalar_type(view.dtype)).device(device));
}

void TrainingJob::fill(const std::vector<ParameterSpec>& specs,
                       const std::vector<BufferSpec>& buffers) {
  for (size_t i = 0; i < specs.size(); ++i) {
    const Initial& initial = specs[i].initial;
    at::Tensor target = tensor_of(arena_.at(slots_[i].parameter));
    // Drawn on the host also for a GPU, so that both start from the same values.
    at::Tensor values = device_.is_cuda() ? at::empty(specs[i].shape, at::kFloat) : target;
    if (initial.kind == Initial::Kind::kConstant) values.fill_(initial.value);
    if (initial.kind == Initial::Kind::kUniform) {
      values.uniform_(-initial.value, initial.value, generator_);
    }
    if (initial.kind == Initial::Kind::kNormal) values.normal_(0, initial.value, generator_);
    if (device_.is_cuda()) target.copy_(values);
  }
  for (size_t i = 0; i < buffers.size(); ++i) {
    tensor_of(arena_.at(first_buffer_ + i)).fill_(buffers[i].initial);
  }
  *arena_.host<double>(rate_) = options_.schedule.at(0);
}

void TrainingJob::bind(size_t buffer_count) {
  for (const Slot& slot : slots_) {
    at::Tensor parameter = tensor_of(arena_.at(slot.parameter));
    if (!slot.frozen) {
      parameter.requires_grad_(true);
      parameter.mutable_grad() = tensor_of(gradients_.at(slot.gradient));
    }
    bound_.push_back(parameter);
  }
  std::vector<at::Tensor> buffers;
  for (size_t i = 0; i < buffer_count; ++i) {
    buffers.push_back(tensor_of(arena_.at(first_buffer_ + i)));
  }
  model_->bind(bound_, std::move(buffers), device_);
}

void TrainingJob::sync_generators() {
  save_generator(generator_, arena_.at(rng_));
  if (device_generator_) save_generator(*device_generator_, arena_.at(device_rng_));
}

void TrainingJob::start_epoch() {
  at::Tensor order = tensor_of(arena_.at(order_));
  at::randperm_out(order, order.numel(), generator_);
  *arena_.host<int64_t>(cursor_) = 0;
}

bool TrainingJob::next_batch() {
  int64_t& cursor = *arena_.host<int64_t>(cursor_);
  const int64_t* const order = arena_.host<int64_t>(order_);
  samples_.assign(order + cursor, order + cursor + options_.batch);
  cursor += options_.batch;
  if (cursor + options_.batch <= model_->train_samples()) return false;
  ++*arena_.host<int64_t>(epoch_);
  start_epoch();
  return true;
}

StepResult TrainingJob::step(UpdateHook& hook) {
  StepResult result;
  const Dropout dropout(options_.dropout, device_generator_ ? *device_generator_ : generator_);
  const double share = 1.0 / static_cast<double>(options_.accumulate);
  for (int64_t i = 0; i < options_.accumulate; ++i) {
    result.epoch_ended |= next_batch();
    const at::Tensor loss = model_->loss(samples_, dropout);
    (options_.accumulate == 1 ? loss : loss * share).backward();
    if (options_.accumulate > 1) *arena_.host<uint8_t>(present_) = 1;
    result.loss += loss.item<double>() * share;
    result.samples += static_cast<uint64_t>(options_.batch);
  }
  const c10::NoGradGuard no_grad;
  clip_gradients();
  update(hook);
  clear_gradients();
  return result;
}

void TrainingJob::clip_gradients() {
  if (options_.clip <= 0) return;
  const double norm = at::linalg_vector_norm(flat_gradients_).item<double>();
  if (norm > options_.clip) flat_gradients_.mul_(options_.clip / (norm + kClipEpsilon));
}

void TrainingJob::update(UpdateHook& hook) {
  const std::span<const TensorView> state(arena_.view().tensors);
  const std::span<const TensorView> gradients(gradients_.view().tensors);
  double& rate = *arena_.host<double>(rate_);
  for (const Bucket& bucket : buckets_) {
    hook.before_update(
        state.subspan(bucket.state_begin, bucket.state_end - bucket.state_begin),
        gradients.subspan(bucket.gradient_begin, bucket.gradient_end - bucket.gradient_begin));
    for (size_t i = bucket.slot_begin; i < bucket.slot_end; ++i) update_slot(i, rate);
  }
  int64_t& position = *arena_.host<int64_t>(position_);
  rate = options_.schedule.at(++position);
  ++*arena_.host<int64_t>(step_);
}

void TrainingJob::update_slot(size_t index, double learning_rate) {
  const Slot& slot = slots_[index];
  AdamW adamw = options_.adamw;
  if (!slot.decay) adamw.weight_decay = 0;
  const AdamWScalars s = adamw_scalars(adamw, learning_rate, ++*arena_.host<int64_t>(slot.counter));
  if (device_.is_cuda()) {
    const at::Tensor gradient = tensor_of(gradients_.at(slot.gradient));
    at::Tensor moment1 = tensor_of(arena_.at(slot.moment1));
    at::Tensor moment2 = tensor_of(arena_.at(slot.moment2));
    at::Tensor parameter = tensor_of(arena_.at(slot.parameter));
    moment1.mul_(s.beta1).add_(gradient, 1 - s.beta1);
    moment2.mul_(s.beta2).addcmul_(gradient, gradient, 1 - s.beta2);
    parameter.mul_(s.decay).addcdiv_(moment1, moment2.sqrt().mul_(s.root_scale).add_(s.epsilon),
                                     -s.step_size);
    return;
  }
  float* const parameter = arena_.host<float>(slot.parameter);
  float* const moment1 = arena_.host<float>(slot.moment1);
  float* const moment2 = arena_.host<float>(slot.moment2);
  const float* const gradient = gradients_.host<float>(slot.gradient);
  const auto count = static_cast<int64_t>(arena_.at(slot.parameter).bytes / sizeof(float));
  at::parallel_for(0, count, kParallelGrain, [&](int64_t begin, int64_t end) {
    adamw_update(s, parameter + begin, moment1 + begin, moment2 + begin, gradient + begin,
                 end - begin);
  });
}

void TrainingJob::clear_gradients() {
  flat_gradients_.zero_();
  if (options_.accumulate > 1) *arena_.host<uint8_t>(present_) = 0;
}

StateView& TrainingJob::state() {
  sync_generators();
  return arena_.view();
}

void TrainingJob::load() {
  load_generator(generator_, arena_.at(rng_));
  if (device_generator_) load_generator(*device_generator_, arena_.at(device_rng_));
  const int64_t samples = model_->train_samples();
  const int64_t cursor = *arena_.host<int64_t>(cursor_);
  if (cursor < 0 || cursor + options_.batch > samples) {
    throw std::runtime_error("loader.position: " + std::to_string(cursor) +
                             " leaves no batch of the " + std::to_string(samples) + " samples");
  }
  const int64_t* const order = arena_.host<int64_t>(order_);
  const auto outside = [&](int64_t sample) { return sample < 0 || sample >= samples; };
  if (std::any_of(order, order + samples, outside)) {
    throw std::runtime_error("loader.order: a sample number outside 0.." +
                             std::to_string(samples - 1));
  }
}

std::optional<double> TrainingJob::evaluate() {
  const c10::NoGradGuard no_grad;
  return model_->evaluate();
}

}  // namespace ckptbench
