// digits-mlp: the digits through two linear layers with batch norm and dropout; tiny and fast, made
// for trials by the thousand. One training thread.
#include <cmath>

#include "workloads/data.h"
#include "workloads/digits_batch.h"
#include "workloads/training_job.h"
#include "workloads/training_params.h"

namespace ckptbench {
namespace {

class DigitsMlp : public TorchModel {
 public:
  explicit DigitsMlp(int64_t hidden) : hidden_(hidden) {}

  std::vector<ParameterSpec> parameters() const override {
    const Initial first = Initial::uniform(1 / std::sqrt(static_cast<double>(kDigitPixels)));
    const Initial second = Initial::uniform(1 / std::sqrt(static_cast<double>(hidden_)));
    return {
        {"fc1.weight", {hidden_, kDigitPixels}, 0, first, true},
        {"fc1.bias", {hidden_}, 0, first},
        {"bn.weight", {hidden_}, 0, Initial::constant(1)},
        {"bn.bias", {hidden_}, 0, Initial::constant(0)},
        {"fc2.weight", {kDigitClasses, hidden_}, 1, second, true},
        {"fc2.bias", {kDigitClasses}, 1, second},
        // Of a head that the loss never uses: it gets no gradient and keeps its initial values.
        {"unused.weight", {kDigitClasses, hidden_}, 2, second, true, true},
    };
  }
  std::vector<BufferSpec> buffers() const override {
    return {{"bn.running_mean", {hidden_}, 0},
            {"bn.running_var", {hidden_}, 1},
            {"bn.num_batches_tracked", {1}, 0, true}};
  }
  int64_t train_samples() const override { return digits_train().count; }

  at::Tensor loss(const std::vector<int64_t>& samples, const Dropout& dropout) override {
    const DigitBatches::Batch batch = digits_->train(samples);
    const at::Tensor hidden = dropout(features(batch.images, true));
    return at::cross_entropy_loss(at::linear(hidden, parameter(4), parameter(5)), batch.labels);
  }
  double evaluate() override {
    const at::Tensor hidden = features(digits_->test().images, false);
    return digits_->accuracy(at::linear(hidden, parameter(4), parameter(5)));
  }

 protected:
  void bound() override { digits_.emplace(device(), std::vector<int64_t>{kDigitPixels}); }

 private:
  at::Tensor features(const at::Tensor& images, bool training) {
    BatchNorm norm{parameter(2), parameter(3), buffer(0), buffer(1), buffer(2)};
    return at::relu(norm(at::linear(images, parameter(0), parameter(1)), training));
  }

  int64_t hidden_;
  std::optional<DigitBatches> digits_;
};

}  // namespace

WorkloadInfo digits_mlp_info() {
  WorkloadInfo info{"digits-mlp", "1,797 real digit images, two linear layers with batch norm", {}};
  info.params = training_params({.batch = "32",
                                 .accumulate = "2",
                                 .learning_rate = "0.01",
                                 .weight_decay = "0.01",
                                 .dropout = "0.1",
                                 .clip = "1",
                                 .warmup = "4",
                                 .total_steps = "300",
                                 .loss_scale = "262144",
                                 .growth_interval = "3"});
  info.params.push_back({"hidden", ParamType::kInteger, "32", "hidden units", {}, 1, 65536});
  return info;
}

std::unique_ptr<Workload> make_digits_mlp(const Params& params, const std::string& device) {
  auto model = std::make_unique<DigitsMlp>(params.integer("hidden"));
  const TrainingOptions options = training_options(params, model->train_samples());
  return std::make_unique<TrainingJob>(std::move(model), options, device);
}

}  // namespace ckptbench
