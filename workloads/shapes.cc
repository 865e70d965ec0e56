#include "workloads/shapes.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <optional>

#include "harness/core/error.h"
#include "harness/core/prng.h"
#include "harness/platform/training_range.h"
#include "workloads/adamw_torch.h"
#include "workloads/compute.h"
#include "workloads/schedule.h"
#include "workloads/shape_lists.h"
#include "workloads/state_arena.h"
#include "workloads/synthetic_gradient.h"
#include "workloads/torch_device.h"

namespace ckptbench {
namespace {

constexpr uint64_t kBytesPerParameter = 14;
constexpr int64_t kGrain = 1 << 16;  // elements
constexpr float kGradientScale = 1e-2F;
constexpr float kInitialScale = 0.05F;     // about a deviation of 0.02
constexpr float kFirstLossScale = 65536;   // torch.amp.GradScaler's, like the interval
constexpr int32_t kGrowthInterval = 2000;  // steps without overflow
constexpr float kLargestLossScale = 0x1.0p100F;
constexpr int64_t kLossSample = 1024;  // elements

class Shapes : public Workload {
 public:
  Shapes(std::vector<NamedShape> shapes, const Params& params, at::Device device)
      : shapes_(std::move(shapes)),
        device_(device),
        compute_(params.real("compute_ms"), Compute::kind(params.text("compute")), device) {
    schedule_.peak = params.real("lr");
    schedule_.warmup_steps = params.integer("warmup");
    schedule_.total_steps = params.integer("total_steps");
    adamw_.weight_decay = params.real("weight_decay");
  }

  void init(uint64_t seed) override;
  StepResult step(UpdateHook& hook) override;
  StateView& state() override { return arena_.view(); }
  // The tensors are used where they lie, and no value of the generator's is invalid.
  void load() override {}
  std::optional<double> evaluate() override { return std::nullopt; }

 private:
  struct Slot {  // indices into the arena
    size_t low = 0, master = 0, moment1 = 0, moment2 = 0, counter = 0;
    uint64_t first = 0;  // its first element in the gradient stream
    bool matrix = false;
  };
  struct Run {  // a bucket: of slots, and of the state
    size_t slot_begin = 0, slot_end = 0, begin = 0, end = 0;
  };

  void declare_bucket(size_t begin, size_t end);
  void declare_rest();
  void allocate();
  void place_gradients();
  void fill(uint64_t key);
  void noise(const TensorView& target, uint64_t key, uint64_t first, float scale);
  void update_bucket(const Run& run, uint64_t key, UpdateHook& hook);
  void update_slot(size_t slot);
  void update_schedule(UpdateHook& hook);
  double loss() const;

  std::vector<NamedShape> shapes_;
  at::Device device_;
  Compute compute_;
  Schedule schedule_;
  AdamW adamw_;
  std::optional<Generators> generators_;  // of noise on a GPU, seeded anew for each tensor
  std::vector<at::Tensor> device_memory_;
  StateArena arena_;
  StateArena gradient_memory_;
  std::vector<TensorView> gradients_;  // of each slot; the buckets take turns in the same memory
  std::vector<Slot> slots_;
  std::vector<Run> runs_;
  size_t rate_ = 0, position_ = 0, scale_ = 0, growth_ = 0, step_ = 0, rng_ = 0;
};

void Shapes::init(uint64_t seed) {
  const c10::NoGradGuard no_grad;
  if (device_.is_cuda()) generators_.emplace(seed, device_);
  for (size_t begin = 0; begin < shapes_.size();) {
    size_t end = begin;
    while (end < shapes_.size() && shapes_[end].bucket == shapes_[begin].bucket) ++end;
    declare_bucket(begin, end);
    begin = end;
  }
  declare_rest();
  allocate();
  place_gradients();
  Prng prng(seed);
  fill(prng.next());
  *arena_.host<uint64_t>(rng_) = prng.next();
  *arena_.host<double>(rate_) = schedule_.at(0);
  *arena_.host<float>(scale_) = kFirstLossScale;
}

void Shapes::declare_bucket(size_t begin, size_t end) {
  const Run run{begin, end, arena_.view().tensors.size(), 0};
  slots_.resize(end);
  const auto add = [&](const char* prefix, Role role, DType dtype, size_t Slot::*index) {
    for (size_t i = begin; i < end; ++i) {
      slots_[i].*index = arena_.add(
          {prefix + shapes_[i].name, role, dtype, shapes_[i].shape, Mutates::kAtUpdate, true});
    }
  };
  add("", Role::kParameter, DType::kBF16, &Slot::low);
  add("master.", Role::kMasterWeight, DType::kF32, &Slot::master);
  add("adamw.m.", Role::kMoment1, DType::kF32, &Slot::moment1);
  add("adamw.v.", Role::kMoment2, DType::kF32, &Slot::moment2);
  for (size_t i = begin; i < end; ++i) {
    slots_[i].counter =
        arena_.add({"adamw.step." + shapes_[i].name, Role::kOptimizerStep, DType::kI64, {1}});
    slots_[i].matrix = shapes_[i].shape.size() > 1;
    if (i > 0) slots_[i].first = slots_[i - 1].first + element_count(shapes_[i - 1].shape);
  }
  runs_.push_back(run);
  runs_.back().end = arena_.view().tensors.size();
}

void Shapes::declare_rest() {
  rate_ = arena_.add({"schedule.learning_rate", Role::kLearningRate, DType::kF64, {1}});
  position_ = arena_.add({"schedule.position", Role::kLearningRate, DType::kI64, {1}});
  scale_ = arena_.add({"scaler.scale", Role::kLossScaler, DType::kF32, {1}});
  growth_ = arena_.add({"scaler.growth_tracker", Role::kLossScaler, DType::kI32, {1}});
  step_ = arena_.add({"counter.step", Role::kCounter, DType::kI64, {1}});
  rng_ = arena_.add({"rng.gradient", Role::kRng, DType::kI64, {1}, Mutates::kAnyTime});
}

void Shapes::allocate() {
  uint64_t largest = 0;
  for (const Run& run : runs_) {
    uint64_t bytes = 0;
    for (size_t i = run.slot_begin; i < run.slot_end; ++i) {
      bytes += padded_bytes(element_count(shapes_[i].shape) * sizeof(float));
    }
    largest = std::max(largest, bytes);
  }
  const auto elements = static_cast<int64_t>(largest / sizeof(float));
  gradient_memory_.add(
      {"gradients", Role::kGradient, DType::kF32, {elements}, Mutates::kAnyTime, true});
  const StateArena::DeviceAllocate device = device_allocate(device_, device_memory_);
  arena_.allocate(device);
  gradient_memory_.allocate(device);
}

void Shapes::place_gradients() {
  for (const Run& run : runs_) {
    std::byte* next = gradient_memory_.at(0).data;
    for (size_t i = run.slot_begin; i < run.slot_end; ++i) {
      TensorView view = arena_.at(slots_[i].master);
      view.name = "grad." + shapes_[i].name;
      view.role = Role::kGradient;
      view.mutates = Mutates::kAnyTime;
      view.data = next;
      next += padded_bytes(view.bytes);
      gradients_.push_back(std::move(view));
    }
  }
}

void Shapes::fill(uint64_t key) {
  for (size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_[i];
    at::Tensor master = tensor_on(arena_.at(slot.master), device_);
    const bool bias = shapes_[i].name.ends_with(".bias");
    if (slot.matrix) {
      noise(arena_.at(slot.master), key, slot.first, kInitialScale);
    } else {
      master.fill_(bias ? 0 : 1);
    }
    tensor_on(arena_.at(slot.low), device_).copy_(master);
  }
}

void Shapes::noise(const TensorView& target, uint64_t key, uint64_t first, float scale) {
  if (generators_) {
    generators_->on_device().set_current_seed(key + first);
    tensor_on(target, device_).uniform_(-scale, scale, generators_->on_device());
    return;
  }
  auto* const values = reinterpret_cast<float*>(target.data);
  const auto count = static_cast<int64_t>(target.bytes / sizeof(float));
  at::parallel_for(0, count, kGrain, [&](int64_t begin, int64_t end) {
    synthetic_gradient(key, first + static_cast<uint64_t>(begin), scale, values + begin,
                       end - begin);
  });
}

StepResult Shapes::step(UpdateHook& hook) {
  const c10::NoGradGuard no_grad;
  {
    const TrainingRange range("forward and backward");
    compute_.run();
  }
  const TrainingRange range("update");
  uint64_t& rng = *arena_.host<uint64_t>(rng_);
  rng = Prng(rng).next();
  for (const Run& run : runs_) update_bucket(run, rng, hook);
  update_schedule(hook);
  return {loss(), 0, false};
}

void Shapes::update_bucket(const Run& run, uint64_t key, UpdateHook& hook) {
  for (size_t i = run.slot_begin; i < run.slot_end; ++i) {
    noise(gradients_[i], key, slots_[i].first, kGradientScale);
  }
  const std::span<const TensorView> state(arena_.view().tensors);
  const std::span<const TensorView> gradients(gradients_);
  hook.before_update(state.subspan(run.begin, run.end - run.begin),
                     gradients.subspan(run.slot_begin, run.slot_end - run.slot_begin));
  for (size_t i = run.slot_begin; i < run.slot_end; ++i) update_slot(i);
}

void Shapes::update_slot(size_t index) {
  const Slot& slot = slots_[index];
  AdamW adamw = adamw_;
  if (!slot.matrix) adamw.weight_decay = 0;
  const int64_t number = ++*arena_.host<int64_t>(slot.counter);
  const AdamWScalars scalars = adamw_scalars(adamw, *arena_.host<double>(rate_), number);
  adamw_update(scalars,
               {&arena_.at(slot.low), &arena_.at(slot.master), &arena_.at(slot.moment1),
                &arena_.at(slot.moment2), &gradients_[index]},
               device_);
}

void Shapes::update_schedule(UpdateHook& hook) {
  hook.before_update(
      std::span<const TensorView>(arena_.view().tensors).subspan(rate_, rng_ - rate_), {});
  *arena_.host<double>(rate_) = schedule_.at(++*arena_.host<int64_t>(position_));
  ++*arena_.host<int64_t>(step_);
  int32_t& growth = *arena_.host<int32_t>(growth_);
  if (++growth < kGrowthInterval) return;
  growth = 0;
  float& scale = *arena_.host<float>(scale_);
  scale = std::min(scale * 2, kLargestLossScale);
}

double Shapes::loss() const {
  const at::Tensor master = tensor_on(arena_.at(slots_.front().master), device_).flatten();
  const at::Tensor sample = master.narrow(0, 0, std::min(kLossSample, master.numel()));
  return sample.square().mean().item<double>();
}

const std::string kAnyModel = "auto";

std::vector<std::string> model_choices() {
  std::vector<std::string> choices = published_models();
  choices.insert(choices.begin(), kAnyModel);
  return choices;
}

std::vector<NamedShape> choose_shapes(const Params& params) {
  const auto bytes = static_cast<uint64_t>(params.integer("bytes"));
  const std::string& wanted = params.text("model");
  const std::string& model =
      wanted == kAnyModel ? smallest_model(bytes / kBytesPerParameter) : wanted;
  std::vector<NamedShape> real = published_shapes(model);
  if (bytes == 0) return real;
  Result<std::vector<NamedShape>> scaled = scale_shapes(real, bytes / kBytesPerParameter);
  if (scaled.ok()) return std::move(scaled).value();
  throw ExitError(ExitCode::kUsage, "shapes parameter 'bytes' of " + model + ": " +
                                        std::to_string(bytes) + ", at 14 bytes per parameter " +
                                        scaled.error().message);
}

}  // namespace

WorkloadInfo shapes_info() {
  WorkloadInfo info{
      "shapes", "tensors of GPT-2 and Llama 3, scaled, with real AdamW on seeded noise", {}};
  info.small_params = {{"bytes", "1000000"}, {"compute_ms", "0"}};
  info.params = {
      {"model", ParamType::kChoice, kAnyModel,
       "whose tensors; auto: the smallest with so many bytes", model_choices()},
      {"bytes", ParamType::kInteger, "67108864", "of state; 0: the real size", {}, 0, 1e14},
      {"compute_ms",
       ParamType::kReal,
       "50",
       "milliseconds of forward and backward pass; the optimizer's time comes on top",
       {},
       0,
       1e6},
      {"compute", ParamType::kChoice, "idle",
       "what the training threads do meanwhile: sleep, calculate, or copy memory",
       Compute::kinds()},
      {"lr", ParamType::kReal, "0.0003", "peak learning rate", {}, 0, 10},
      {"weight_decay", ParamType::kReal, "0.1", "of AdamW, matrices only", {}, 0, 1},
      {"warmup", ParamType::kInteger, "10", "steps of linear warm-up", {}, 0, 1e9},
      {"total_steps",
       ParamType::kInteger,
       "1000",
       "steps until the cosine schedule is at its floor",
       {},
       1,
       1e9},
  };
  return info;
}

std::unique_ptr<Workload> make_shapes(const Params& params, const std::string& device) {
  return std::make_unique<Shapes>(choose_shapes(params), params, open_torch_device(device));
}

}  // namespace ckptbench
