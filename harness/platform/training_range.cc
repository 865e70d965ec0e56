#include "harness/platform/training_range.h"

#ifdef CKPT_HAS_NVTX
#include <nvtx3/nvToolsExt.h>
#endif

namespace ckptbench {

#ifdef CKPT_HAS_NVTX
namespace {

nvtxDomainHandle_t domain() {
  static const nvtxDomainHandle_t handle = nvtxDomainCreateA("ckptbench");
  return handle;
}

}  // namespace

TrainingRange::TrainingRange(const char* name) {
  nvtxEventAttributes_t attributes{};
  attributes.version = NVTX_VERSION;
  attributes.size = NVTX_EVENT_ATTRIB_STRUCT_SIZE;
  attributes.messageType = NVTX_MESSAGE_TYPE_ASCII;
  attributes.message.ascii = name;
  nvtxDomainRangePushEx(domain(), &attributes);
}

TrainingRange::~TrainingRange() {
  nvtxDomainRangePop(domain());
}
#else
TrainingRange::TrainingRange(const char* /*name*/) {}
TrainingRange::~TrainingRange() = default;
#endif

}  // namespace ckptbench
