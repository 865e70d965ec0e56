#include "workloads/training_job.h"

#include <algorithm>
#include <stdexcept>

#include "harness/platform/training_range.h"

namespace ckptbench {
namespace {

constexpr double kClipEpsilon = 1e-6;  // as torch.nn.utils.clip_grad_norm_

void fill_initial(at::Tensor& values, const Initial& initial, at::Generator& generator) {
  if (initial.kind == Initial::Kind::kConstant) values.fill_(initial.value);
  if (initial.kind == Initial::Kind::kUniform) {
    values.uniform_(-initial.value, initial.value, generator);
  }
  if (initial.kind == Initial::Kind::kNormal) values.normal_(0, initial.value, generator);
}

}  // namespace

TrainingJob::TrainingJob(std::unique_ptr<TorchModel> model, const TrainingOptions& options,
                         const std::string& device)
    : model_(std::move(model)), options_(options), device_(open_torch_device(device)) {}

void TrainingJob::init(uint64_t seed) {
  const c10::NoGradGuard no_grad;
  generators_.emplace(seed, device_);
  TrainingLayout layout;
  layout.parameters = model_->parameters();
  layout.buffers = model_->buffers();
  layout.samples = model_->train_samples();
  layout.host_rng_bytes = generators_->host_bytes();
  layout.device_rng_bytes = generators_->device_bytes();
  layout.accumulates = options_.accumulate > 1;
  layout.scales = options_.scaler.is_on();
  state_.emplace(layout, device_);
  fill(layout);
  bind(layout);
  start_epoch();
  generators_->save(state_->host_rng(), state_->device_rng());
}

void TrainingJob::fill(const TrainingLayout& layout) {
  for (size_t i = 0; i < layout.parameters.size(); ++i) {
    at::Tensor target = state_->parameter(i);
    // Drawn on the host also for a GPU, so that both start from the same values.
    at::Tensor values = device_.is_cuda() ? at::empty(target.sizes(), at::kFloat) : target;
    fill_initial(values, layout.parameters[i].initial, generators_->host());
    if (device_.is_cuda()) target.copy_(values);
    decays_.push_back(layout.parameters[i].decay);
  }
  for (size_t i = 0; i < layout.buffers.size(); ++i) {
    state_->buffer(i).fill_(layout.buffers[i].initial);
  }
  state_->learning_rate() = options_.schedule.at(0);
  if (options_.scaler.is_on()) {
    state_->loss_scale() = static_cast<float>(options_.scaler.initial);
  }
}

void TrainingJob::bind(const TrainingLayout& layout) {
  std::vector<at::Tensor> parameters;
  for (size_t i = 0; i < layout.parameters.size(); ++i) {
    parameters.push_back(state_->parameter(i));
    if (const std::optional<at::Tensor> gradient = state_->gradient(i)) {
      // A gradient that is there already is added to in place: its address never changes.
      parameters.back().requires_grad_(true).mutable_grad() = *gradient;
    }
  }
  std::vector<at::Tensor> buffers;
  for (size_t i = 0; i < layout.buffers.size(); ++i) buffers.push_back(state_->buffer(i));
  model_->bind(std::move(parameters), std::move(buffers), device_);
}

void TrainingJob::start_epoch() {
  at::Tensor order = state_->order();
  at::randperm_out(order, order.numel(), generators_->host());
  state_->loader_position() = 0;
}

bool TrainingJob::next_batch() {
  const at::Tensor order = state_->order();
  int64_t& position = state_->loader_position();
  const int64_t* const next = order.const_data_ptr<int64_t>() + position;
  samples_.assign(next, next + options_.batch);
  position += options_.batch;
  if (position + options_.batch <= order.numel()) return false;
  ++state_->loader_epoch();
  start_epoch();
  return true;
}

StepResult TrainingJob::step(UpdateHook& hook) {
  StepResult result;
  const std::vector<at::Tensor> losses = accumulate(result);
  const c10::NoGradGuard no_grad;
  if (unscale_gradients()) {
    clip_gradients();
    update(hook);
  } else {
    skip_update(hook);
  }
  at::Tensor gradients = state_->flat_gradients();
  gradients.zero_();
  state_->set_gradients_present(false);
  // Last: reading a value waits for a GPU, which would keep the host from running ahead of it.
  for (const at::Tensor& loss : losses) {
    result.loss += loss.item<double>() / static_cast<double>(losses.size());
  }
  return result;
}

std::vector<at::Tensor> TrainingJob::accumulate(StepResult& result) {
  std::vector<at::Tensor> losses;
  const Dropout dropout(options_.dropout, generators_->on_device());
  const double share = 1.0 / static_cast<double>(options_.accumulate);
  const double factor = share * (options_.scaler.is_on() ? state_->loss_scale() : 1.0);
  for (int64_t i = 0; i < options_.accumulate; ++i) {
    result.epoch_ended |= next_batch();
    const at::Tensor loss = forward(dropout);
    backward(factor == 1 ? loss : loss * factor);
    state_->set_gradients_present(true);
    losses.push_back(loss.detach());
    result.samples += static_cast<uint64_t>(options_.batch);
  }
  return losses;
}

at::Tensor TrainingJob::forward(const Dropout& dropout) {
  const TrainingRange range("forward");
  return model_->loss(samples_, dropout);
}

void TrainingJob::backward(const at::Tensor& loss) {
  const TrainingRange range("backward");
  loss.backward();
}

bool TrainingJob::unscale_gradients() {
  if (!options_.scaler.is_on()) return true;
  at::Tensor gradients = state_->flat_gradients();
  if (options_.scaler.overflows(gradients.abs().max().item<double>())) return false;
  gradients.div_(state_->loss_scale());
  return true;
}

void TrainingJob::clip_gradients() {
  if (options_.clip <= 0) return;
  at::Tensor gradients = state_->flat_gradients();
  const at::Tensor norm = at::linalg_vector_norm(gradients).to(at::kDouble);
  const at::Tensor factor = (norm + kClipEpsilon).reciprocal().mul(options_.clip);
  gradients.mul_(at::where(norm > options_.clip, factor, at::ones_like(factor)));
}

void TrainingJob::update(UpdateHook& hook) {
  const TrainingRange range("update");
  const double rate = state_->learning_rate();
  for (const TrainingState::Bucket& bucket : state_->buckets()) {
    hook.before_update(bucket.tensors, bucket.gradients);
    for (size_t i = bucket.slot_begin; i < bucket.slot_end; ++i) update_slot(i, rate);
  }
  // The last bucket, announced without parameters, is the schedule's.
  state_->learning_rate() = options_.schedule.at(++state_->scheduler_position());
  if (options_.scaler.is_on()) {
    options_.scaler.after_update(state_->loss_scale(), state_->loss_scale_growth());
  }
  ++state_->step();
}

void TrainingJob::skip_update(UpdateHook& hook) {
  hook.before_update(state_->buckets().back().tensors, {});
  options_.scaler.after_overflow(state_->loss_scale(), state_->loss_scale_growth());
  ++state_->step();
}

void TrainingJob::update_slot(size_t slot, double learning_rate) {
  AdamW adamw = options_.adamw;
  if (!decays_[slot]) adamw.weight_decay = 0;
  const int64_t number = ++state_->updates_of(slot);
  adamw_update(adamw_scalars(adamw, learning_rate, number), state_->adamw(slot), device_);
}

StateView& TrainingJob::state() {
  generators_->save(state_->host_rng(), state_->device_rng());
  return state_->view();
}

void TrainingJob::load() {
  generators_->load(state_->host_rng(), state_->device_rng());
  const at::Tensor order = state_->order();
  const int64_t samples = order.numel();
  const int64_t position = state_->loader_position();
  if (position < 0 || position > samples - options_.batch) {
    throw std::runtime_error("loader.position: " + std::to_string(position) +
                             " leaves no batch of the " + std::to_string(samples) + " samples");
  }
  const int64_t* const first = order.const_data_ptr<int64_t>();
  const auto outside = [&](int64_t sample) { return sample < 0 || sample >= samples; };
  if (std::any_of(first, first + samples, outside)) {
    throw std::runtime_error("loader.order: a sample number outside 0.." +
                             std::to_string(samples - 1));
  }
}

std::optional<double> TrainingJob::evaluate() {
  const c10::NoGradGuard no_grad;
  return model_->evaluate();
}

}  // namespace ckptbench
