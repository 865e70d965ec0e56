#include "strategies/peers/python_bridge.h"

#include "strategies/peers/python_interpreter.h"
#include "strategies/peers/python_strategy.h"

extern "C" {

// NOLINTBEGIN(readability-identifier-naming)
[[gnu::visibility("default")]] ckptbench::Strategy* ckpt_make_python_strategy(
    const ckptbench::PythonRequest* request, const ckptbench::StrategyContext* context,
    std::string* error) {
  if (ckptbench::Status started = ckptbench::start_python(); !started) {
    *error = started.error().message;
    return nullptr;
  }
  auto strategy = ckptbench::make_python_strategy(*request, *context);
  if (!strategy) {
    *error = strategy.error().message;
    return nullptr;
  }
  return std::move(strategy).value().release();
}

[[gnu::visibility("default")]] bool ckpt_warm_python(std::string* error) {
  ckptbench::Status warmed = ckptbench::start_python();
  // What the shipped peers would import in every process, some of it only at their first save.
  for (const char* name :
       {"torch.utils.serialization", "torch.distributed.checkpoint",
        "torch.distributed.checkpoint._fsspec_filesystem", "safetensors.torch"}) {
    if (warmed) warmed = ckptbench::import_if_there(name);
  }
  if (!warmed) *error = warmed.error().message;
  return warmed.ok();
}

[[gnu::visibility("default")]] bool ckpt_preload_python(const ckptbench::PythonRequest* request,
                                                        std::string* error) {
  if (!ckpt_warm_python(error)) return false;
  const ckptbench::Status imported = ckptbench::import_python_class(*request);
  if (!imported) *error = imported.error().message;
  return imported.ok();
}
// NOLINTEND(readability-identifier-naming)

}  // extern "C"
