#include "strategies/peers/torch_save.h"

#include <torch/serialize/archive.h>

#include <filesystem>
#include <map>

#include "harness/platform/comm.h"
#include "strategies/peers/blob.h"
#include "strategies/peers/copy_named.h"

namespace ckptbench {
namespace {

constexpr Survives kProcess{.process = true};

// libtorch appends its own stack trace to messages.
std::string first_line(const std::exception& error) {
  const std::string text = error.what();
  return text.substr(0, text.find('\n'));
}

struct Loaded {
  uint64_t step = 0;
  std::map<std::string, at::Tensor> tensors;
};

// Throws what libtorch throws.
Loaded load_archive(const std::string& path) {
  torch::serialize::InputArchive root;
  root.load_from(path, c10::Device(c10::kCPU));
  Loaded loaded;
  c10::IValue step;
  root.read("step", step);
  loaded.step = static_cast<uint64_t>(step.toInt());
  torch::serialize::InputArchive state;
  root.read("state", state);
  for (const std::string& key : state.keys()) {
    at::Tensor tensor;
    state.read(key, tensor);
    loaded.tensors[key] = tensor;
  }
  return loaded;
}

class TorchSave : public Strategy {
 public:
  explicit TorchSave(const StrategyContext& context) : context_(context) {}

  Ticket save(const StateView& state, const SaveRequest& request) override {
    outcomes_.push_back(save_now(state, request));
    return Ticket{outcomes_.size()};
  }

  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point) override {
    return outcomes_.at(ticket.id - 1);
  }

  std::vector<CheckpointInfo> list() override;
  RestoreOutcome restore(StateView& state, const Want& want, Replay* replay) override;

  // One file, overwritten: nothing to choose from.
  Status retain(std::span<const uint64_t>) override { return {}; }

 private:
  std::string path(Contents contents) const {
    const char* file = contents == Contents::kFull ? "/checkpoint.pt" : "/weights.pt";
    return context_.directory + file;
  }
  SaveOutcome save_now(const StateView& state, const SaveRequest& request);

  StrategyContext context_;
  std::vector<SaveOutcome> outcomes_;  // index = ticket - 1
};

SaveOutcome TorchSave::save_now(const StateView& state, const SaveRequest& request) {
  try {
    torch::serialize::OutputArchive tensors;
    const std::vector<at::Tensor> blobs = blobs_of(state);
    for (size_t i = 0; i < blobs.size(); ++i) {
      const TensorView& view = state.tensors[i];
      if (request.contents == Contents::kWeights && !is_weight(view.role)) continue;
      tensors.write(view.name, blobs[i]);
    }
    torch::serialize::OutputArchive root(tensors.compilation_unit());
    root.write("step", c10::IValue(static_cast<int64_t>(request.step)));
    root.write("state", tensors);
    root.save_to(path(request.contents));
  } catch (const std::exception& error) {
    const std::string reason = path(request.contents) + ": " + first_line(error);
    context_.observer.failed(request.step, reason);
    return Failed{reason};
  }
  context_.observer.captured(request.step);
  context_.observer.durable(request.step, 0, kProcess);
  return Durable{kProcess};
}

std::vector<CheckpointInfo> TorchSave::list() {
  std::vector<CheckpointInfo> found;
  for (const Contents contents : {Contents::kFull, Contents::kWeights}) {
    if (!std::filesystem::exists(path(contents))) continue;
    try {
      CheckpointInfo info;
      info.step = load_archive(path(contents)).step;
      info.contents = contents;
      found.push_back(info);
    } catch (const std::exception&) {
      // Unreadable, so it is not a checkpoint. restore() says why.
    }
  }
  return found;
}

RestoreOutcome TorchSave::restore(StateView& state, const Want& want, Replay*) {
  if (want.seq) return Refused{"torch-save keeps one file and numbers nothing; ask for the newest"};
  std::string file = path(Contents::kFull);
  if (want.partial && !std::filesystem::exists(file)) file = path(Contents::kWeights);
  if (!std::filesystem::exists(file)) return Nothing{};
  try {
    Loaded loaded = load_archive(file);
    return copy_named(loaded.tensors, state, want.partial, loaded.step);
  } catch (const std::exception& error) {
    return Refused{file + ": " + first_line(error)};
  }
}

}  // namespace

StrategyInfo torch_save_info() {
  return {.name = "torch-save",
          .summary = "libtorch's torch::save of every tensor, in place over one file",
          .source = "https://docs.pytorch.org/cppdocs/api/function_torch_save.html",
          .survives = kProcess,
          .opaque = true,
          .needs_torch = true,
          .background = false,
          .params = {}};
}

Result<std::unique_ptr<Strategy>> make_torch_save(const StrategyContext& context) {
  if (context.comm.size() != 1) return Error{"torch-save: one rank only"};
  return std::unique_ptr<Strategy>(std::make_unique<TorchSave>(context));
}

}  // namespace ckptbench
