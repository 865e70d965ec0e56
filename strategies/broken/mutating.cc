#include "harness/platform/device.h"
#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_strategy.h"

namespace ckptbench {
namespace {

// Flaw: rounds the parameters to save space, in the live tensors.
class Mutating : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

  Ticket save(const StateView& state, const SaveRequest& request) override {
    for (const TensorView& view : state.tensors) {
      if (view.role == Role::kParameter) round(view);
    }
    return FileStrategy::save(state, request);
  }

 private:
  // Little-endian: the first byte of an element holds its lowest bits.
  void round(const TensorView& view) {
    std::vector<std::byte> bytes(view.bytes);
    const auto stream = context().device.make_stream();
    stream->wait_for_training();
    stream->to_host(bytes.data(), view.data, view.bytes);
    stream->wait();
    for (uint64_t i = 0; i < view.bytes; i += dtype_bytes(view.dtype)) bytes[i] = std::byte{0};
    stream->to_device(view.data, bytes.data(), view.bytes);
    stream->wait();
  }
};

}  // namespace

BrokenRow mutating_row() {
  return {.name = "broken-mutating",
          .summary = "rounds the live parameters while it saves",
          .source = "https://github.com/huggingface/optimum-graphcore/pull/97",
          .make = new_strategy<Mutating>,
          .finding = Finding::kPerturbed};
}

}  // namespace ckptbench
