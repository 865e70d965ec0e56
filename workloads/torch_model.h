// A neural network as the training job sees it: a list of parameters and buffers, which the job
// places in the state, and a loss on samples, computed with torch on views of those. A new workload
// that trains a network is one of these. Owned by its TrainingJob; one training thread.
#pragma once

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ckptbench {

struct Initial {
  enum class Kind { kConstant, kUniform, kNormal };
  Kind kind = Kind::kConstant;
  double value = 0;  // the constant; half-width of the uniform; standard deviation of the normal

  static Initial constant(double value) { return {Kind::kConstant, value}; }
  static Initial uniform(double half_width) { return {Kind::kUniform, half_width}; }
  static Initial normal(double deviation) { return {Kind::kNormal, deviation}; }
};

struct ParameterSpec {
  std::string name;
  std::vector<int64_t> shape;
  size_t bucket = 0;  // ascending: the parameters of one bucket are updated together
  Initial initial;
  bool decay = false;                     // weight decay applies
  bool frozen = false;                    // never trained; its moments exist and stay zero
  std::optional<std::string> alias = {};  // a second name of the same (tied) tensor
};

struct BufferSpec {
  std::string name;
  std::vector<int64_t> shape;
  double initial = 0;
  bool integer = false;  // int64 instead of float32
};

// Batch norm over the second dimension; running statistics as torch.nn.BatchNorm keeps them.
struct BatchNorm {
  at::Tensor weight, bias, mean, variance, batches;
  // Training: normalises by the batch and moves the running statistics.
  at::Tensor operator()(const at::Tensor& values, bool training);
};

// Inverted dropout whose masks come from the job's own generator, so that nothing outside
// perturbs it. share: of values set to zero, [0, 1).
class Dropout {
 public:
  Dropout(double share, at::Generator generator)
      : share_(share), generator_(std::move(generator)) {}
  at::Tensor operator()(const at::Tensor& values) const;

 private:
  double share_;
  at::Generator generator_;
};

class TorchModel {
 public:
  virtual ~TorchModel() = default;
  virtual std::vector<ParameterSpec> parameters() const = 0;
  virtual std::vector<BufferSpec> buffers() const { return {}; }
  virtual int64_t train_samples() const = 0;
  // Training loss, mean over the samples (numbers in [0, train_samples())).
  virtual at::Tensor loss(const std::vector<int64_t>& samples, const Dropout& dropout) = 0;
  // On held-out data, without dropout, changing nothing.
  virtual double evaluate() = 0;

  // Views of the state, in the order of parameters() and buffers(); once.
  void bind(std::vector<at::Tensor> parameters, std::vector<at::Tensor> buffers, at::Device device);

 protected:
  virtual void bound() {}  // moves constant data to device()
  const at::Tensor& parameter(size_t index) const { return parameters_[index]; }
  const at::Tensor& buffer(size_t index) const { return buffers_[index]; }
  const at::Device& device() const { return device_; }

 private:
  std::vector<at::Tensor> parameters_;
  std::vector<at::Tensor> buffers_;
  at::Device device_{at::kCPU};
};

}  // namespace ckptbench
