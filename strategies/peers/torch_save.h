// `torch-save`: the simplest way to save. One archive of all tensors, written by libtorch over
// the same path each time: no temporary, no fsync, no rename, and no checksum on load (libtorch's
// reader does not compare the zip CRCs). The baseline that the others are measured against.
//
// File checkpoint.pt (weights.pt for weights only): a torch::serialize::OutputArchive with the
// number "step" and the nested archive "state", one tensor per name. InputArchive unpickles it with
// TorchScript's own unpickler, which builds tensors and plain values and calls nothing.
//
// Owned by the worker; the training thread only (strategies/api/strategy.h).
#pragma once

#include <memory>

#include "strategies/api/strategy.h"

namespace ckptbench {

StrategyInfo torch_save_info();
// Error: more than one rank.
Result<std::unique_ptr<Strategy>> make_torch_save(const StrategyContext& context);

}  // namespace ckptbench
