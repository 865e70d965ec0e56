// char-gpt: a decoder-only transformer (GPT-2's architecture and names; Radford et al., 2019) that
// predicts the next character of real English text. One training thread.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "harness/core/error.h"
#include "workloads/data.h"
#include "workloads/shape_lists.h"
#include "workloads/training_job.h"
#include "workloads/training_params.h"

namespace ckptbench {
namespace {

constexpr int64_t kAscii = 128;
constexpr double kDeviation = 0.02;  // of GPT-2's initial weights
constexpr double kNormEpsilon = 1e-5;
constexpr int64_t kHeldOutShare = 10;  // the last tenth of the text is never trained on
constexpr int64_t kHeldOutWindows = 16;
constexpr size_t kBlockParameters = 12;
constexpr size_t kFirstBlock = 2;

struct Size {
  const char* name;
  int64_t heads;
  Gpt2Config config;
};
constexpr std::array<Size, 6> kSizes{{{"0.2M", 4, {4, 64, 64, kAscii}},
                                      {"1M", 4, {5, 128, 128, kAscii}},
                                      {"3M", 6, {7, 192, 256, kAscii}},
                                      {"10M", 6, {6, 384, 256, kAscii}},
                                      {"30M", 8, {10, 512, 512, kAscii}},
                                      {"124M", 12, {12, 768, 1024, 50257}}}};

const Size& find_size(const std::string& name) {
  return *std::find_if(kSizes.begin(), kSizes.end(),
                       [&](const Size& size) { return name == size.name; });
}

bool ends_with(const std::string& text, const std::string& tail) {
  return text.size() >= tail.size() &&
         text.compare(text.size() - tail.size(), tail.size(), tail) == 0;
}

// GPT-2's scheme: the projections into the residual stream start smaller the deeper the model.
Initial initial_of(const NamedShape& tensor, int64_t layers) {
  if (ends_with(tensor.name, ".bias")) return Initial::constant(0);
  if (tensor.shape.size() == 1) return Initial::constant(1);
  const bool residual = ends_with(tensor.name, "c_proj.weight");
  return Initial::normal(residual ? kDeviation / std::sqrt(2.0 * static_cast<double>(layers))
                                  : kDeviation);
}

class CharGpt : public TorchModel {
 public:
  CharGpt(const Size& size, int64_t sequence, double freeze)
      : config_(size.config),
        heads_(size.heads),
        sequence_(sequence),
        frozen_(static_cast<size_t>(freeze * static_cast<double>(size.config.layers + 1))) {}

  std::vector<ParameterSpec> parameters() const override {
    std::vector<ParameterSpec> specs;
    for (const NamedShape& tensor : gpt2_shapes(config_)) {
      ParameterSpec spec{tensor.name, tensor.shape, tensor.bucket,
                         initial_of(tensor, config_.layers)};
      spec.decay = tensor.shape.size() > 1;
      spec.frozen = tensor.bucket < frozen_;
      if (tensor.name == "wte.weight") spec.alias.emplace("lm_head.weight");
      specs.push_back(std::move(spec));
    }
    return specs;
  }
  int64_t train_samples() const override { return (train_characters() - 1) / sequence_; }

  at::Tensor loss(const std::vector<int64_t>& samples, const Dropout& dropout) override {
    std::vector<int64_t> starts(samples);
    for (int64_t& start : starts) start *= sequence_;
    return loss_at(starts, dropout);
  }
  double evaluate() override {
    const int64_t first = train_characters();
    const int64_t room = static_cast<int64_t>(english_text().size()) - first - sequence_ - 1;
    std::vector<int64_t> starts;
    for (int64_t i = 0; i < kHeldOutWindows; ++i) {
      starts.push_back(first + room * i / kHeldOutWindows);
    }
    return loss_at(starts, Dropout(0, {})).item<double>();
  }

 protected:
  void bound() override {
    const auto options = at::TensorOptions(at::kBool).device(device());
    future_ = at::ones({sequence_, sequence_}, options).triu(1);
  }

 private:
  static int64_t train_characters() {
    const auto all = static_cast<int64_t>(english_text().size());
    return all - all / kHeldOutShare;
  }
  at::Tensor loss_at(const std::vector<int64_t>& starts, const Dropout& dropout);
  at::Tensor tokens(const std::vector<int64_t>& starts, int64_t shift) const;
  at::Tensor block(at::Tensor stream, size_t first, const Dropout& dropout) const;
  at::Tensor attention(const at::Tensor& values, size_t first, const Dropout& dropout) const;
  at::Tensor norm(const at::Tensor& values, size_t weight) const {
    return at::layer_norm(values, {config_.embedding}, parameter(weight), parameter(weight + 1),
                          kNormEpsilon);
  }
  // [batch · sequence, inputs] to [.., outputs].
  at::Tensor project(const at::Tensor& values, size_t weight) const {
    return at::addmm(parameter(weight + 1), values, parameter(weight));
  }

  Gpt2Config config_;
  int64_t heads_;
  int64_t sequence_;
  size_t frozen_;  // layers, the embeddings being the first
  at::Tensor future_;
};

at::Tensor CharGpt::tokens(const std::vector<int64_t>& starts, int64_t shift) const {
  const std::span<const uint8_t> text = english_text();
  at::Tensor result = at::empty({static_cast<int64_t>(starts.size()), sequence_}, at::kLong);
  int64_t* next = result.mutable_data_ptr<int64_t>();
  for (const int64_t start : starts) {
    for (int64_t i = 0; i < sequence_; ++i) *next++ = text[static_cast<size_t>(start + shift + i)];
  }
  return result.to(device());
}

at::Tensor CharGpt::loss_at(const std::vector<int64_t>& starts, const Dropout& dropout) {
  const at::Tensor places = parameter(1).narrow(0, 0, sequence_);
  at::Tensor stream = dropout(at::embedding(parameter(0), tokens(starts, 0)) + places)
                          .view({-1, config_.embedding});
  size_t first = kFirstBlock;
  for (int64_t layer = 0; layer < config_.layers; ++layer, first += kBlockParameters) {
    stream = block(stream, first, dropout);
  }
  const at::Tensor logits = at::matmul(norm(stream, first), parameter(0).t());
  return at::cross_entropy_loss(logits, tokens(starts, 1).view({-1}));
}

// Parameters from `first`: ln_1, c_attn, c_proj, ln_2, c_fc, c_proj, a weight and a bias each.
at::Tensor CharGpt::block(at::Tensor stream, size_t first, const Dropout& dropout) const {
  stream = stream + dropout(attention(norm(stream, first), first + 2, dropout));
  const at::Tensor wide = at::gelu(project(norm(stream, first + 6), first + 8), "tanh");
  return stream + dropout(project(wide, first + 10));
}

at::Tensor CharGpt::attention(const at::Tensor& values, size_t first,
                              const Dropout& dropout) const {
  const int64_t depth = config_.embedding / heads_;
  const at::Tensor joint = project(values, first).view({-1, sequence_, 3, heads_, depth});
  const auto part = [&](int64_t which) { return joint.select(2, which).transpose(1, 2); };
  const double scale = 1 / std::sqrt(static_cast<double>(depth));
  const at::Tensor scores = at::matmul(part(0), part(1).transpose(2, 3)) * scale;
  const double never = -std::numeric_limits<double>::infinity();
  const at::Tensor weights = dropout(at::softmax(scores.masked_fill(future_, never), -1));
  const at::Tensor mixed = at::matmul(weights, part(2)).transpose(1, 2);
  return project(mixed.reshape({-1, config_.embedding}), first + 2);
}

}  // namespace

WorkloadInfo char_gpt_info() {
  WorkloadInfo info{
      "char-gpt", "transformer on English text, 0.2 M to GPT-2's 124 M parameters", {}};
  info.small_params = {{"sequence", "16"}, {"batch", "2"}};
  info.params = training_params({.batch = "8",
                                 .accumulate = "1",
                                 .learning_rate = "0.001",
                                 .weight_decay = "0.1",
                                 .dropout = "0.1",
                                 .clip = "1",
                                 .warmup = "20",
                                 .total_steps = "1000"});
  ParamInfo size{"size", ParamType::kChoice, "0.2M", "parameters", {}};
  for (const Size& row : kSizes) size.choices.push_back(row.name);
  info.params.push_back(std::move(size));
  info.params.push_back({"sequence",
                         ParamType::kInteger,
                         "64",
                         "characters per sample, at most the size's context",
                         {},
                         1,
                         1024});
  info.params.push_back({"freeze",
                         ParamType::kReal,
                         "0",
                         "share of the layers, embeddings first, that stay fixed",
                         {},
                         0,
                         1});
  return info;
}

std::unique_ptr<Workload> make_char_gpt(const Params& params, const std::string& device) {
  const Size& size = find_size(params.text("size"));
  const int64_t sequence = params.integer("sequence");
  if (sequence > size.config.context) {
    throw ExitError(ExitCode::kUsage, "char-gpt parameter 'sequence': " + std::to_string(sequence) +
                                          ", expected at most " +
                                          std::to_string(size.config.context) +
                                          ", the context of size " + size.name);
  }
  auto model = std::make_unique<CharGpt>(size, sequence, params.real("freeze"));
  const TrainingOptions options = training_options(params, model->train_samples());
  return std::make_unique<TrainingJob>(std::move(model), options, device);
}

}  // namespace ckptbench
