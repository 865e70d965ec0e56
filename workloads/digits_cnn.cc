// digits-cnn: the digits through two convolutions with batch norm, dropout and one linear layer.
#include <cmath>

#include "workloads/data.h"
#include "workloads/digits_batch.h"
#include "workloads/training_job.h"
#include "workloads/training_params.h"

namespace ckptbench {
namespace {

constexpr int64_t kSide = 8;    // pixels of an image
constexpr int64_t kKernel = 3;  // pixels
constexpr int64_t kStride = 2;  // of the second convolution: 8 × 8 becomes 4 × 4

Initial by_inputs(int64_t inputs) {
  return Initial::uniform(1 / std::sqrt(static_cast<double>(inputs)));
}

class DigitsCnn : public TorchModel {
 public:
  explicit DigitsCnn(int64_t channels) : channels_(channels) {}

  std::vector<ParameterSpec> parameters() const override {
    const int64_t wide = 2 * channels_;
    const int64_t flat = wide * (kSide / kStride) * (kSide / kStride);
    const Initial one = Initial::constant(1);
    const Initial zero = Initial::constant(0);
    const Initial second = by_inputs(channels_ * kKernel * kKernel);
    return {
        {"conv1.weight", {channels_, 1, kKernel, kKernel}, 0, by_inputs(kKernel * kKernel), true},
        {"bn1.weight", {channels_}, 0, one},
        {"bn1.bias", {channels_}, 0, zero},
        {"conv2.weight", {wide, channels_, kKernel, kKernel}, 1, second, true},
        {"bn2.weight", {wide}, 1, one},
        {"bn2.bias", {wide}, 1, zero},
        {"fc.weight", {kDigitClasses, flat}, 2, by_inputs(flat), true},
        {"fc.bias", {kDigitClasses}, 2, by_inputs(flat)},
    };
  }
  std::vector<BufferSpec> buffers() const override {
    return {{"bn1.running_mean", {channels_}, 0},      {"bn1.running_var", {channels_}, 1},
            {"bn1.num_batches_tracked", {1}, 0, true}, {"bn2.running_mean", {2 * channels_}, 0},
            {"bn2.running_var", {2 * channels_}, 1},   {"bn2.num_batches_tracked", {1}, 0, true}};
  }
  int64_t train_samples() const override { return digits_train().count; }

  at::Tensor loss(const std::vector<int64_t>& samples, const Dropout& dropout) override {
    const DigitBatches::Batch batch = digits_->train(samples);
    return at::cross_entropy_loss(classify(dropout(features(batch.images, true))), batch.labels);
  }
  double evaluate() override {
    return digits_->accuracy(classify(features(digits_->test().images, false)));
  }

 protected:
  void bound() override { digits_.emplace(device(), std::vector<int64_t>{1, kSide, kSide}); }

 private:
  at::Tensor features(const at::Tensor& images, bool training) {
    BatchNorm first{parameter(1), parameter(2), buffer(0), buffer(1), buffer(2)};
    BatchNorm second{parameter(4), parameter(5), buffer(3), buffer(4), buffer(5)};
    const at::Tensor fine = at::conv2d(images, parameter(0), {}, 1, 1);
    const at::Tensor coarse =
        at::conv2d(at::relu(first(fine, training)), parameter(3), {}, kStride, 1);
    return at::relu(second(coarse, training)).flatten(1);
  }
  at::Tensor classify(const at::Tensor& values) const {
    return at::linear(values, parameter(6), parameter(7));
  }

  int64_t channels_;
  std::optional<DigitBatches> digits_;
};

}  // namespace

WorkloadInfo digits_cnn_info() {
  WorkloadInfo info{"digits-cnn", "1,797 real digit images, two convolutions with batch norm", {}};
  info.small_params = {{"channels", "4"}};
  info.params = training_params({.batch = "32",
                                 .accumulate = "2",
                                 .learning_rate = "0.005",
                                 .weight_decay = "0.01",
                                 .dropout = "0.2",
                                 .clip = "1",
                                 .warmup = "10",
                                 .total_steps = "200"});
  info.params.push_back({"channels",
                         ParamType::kInteger,
                         "16",
                         "channels of the first convolution; the second has twice as many",
                         {},
                         1,
                         4096});
  return info;
}

std::unique_ptr<Workload> make_digits_cnn(const Params& params, const std::string& device) {
  auto model = std::make_unique<DigitsCnn>(params.integer("channels"));
  const TrainingOptions options = training_options(params, model->train_samples());
  return std::make_unique<TrainingJob>(std::move(model), options, device);
}

}  // namespace ckptbench
