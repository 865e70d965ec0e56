#include "harness/platform/trace.h"

#include "harness/platform/clock.h"

#ifdef CKPT_HAS_NVTX
#include <nvtx3/nvToolsExt.h>
#endif

namespace ckptbench {

#ifdef CKPT_HAS_NVTX
Trace::Trace() : domain_(nvtxDomainCreateA("ckptbench")) {
  const auto domain = static_cast<nvtxDomainHandle_t>(domain_);
  for (int i = 0; i < kPhaseCount; ++i) {
    // The names are string literals, hence terminated.
    range_names_[i] = nvtxDomainRegisterStringA(domain, phase_name(static_cast<Phase>(i)).data());
  }
}

Trace::~Trace() {
  nvtxDomainDestroy(static_cast<nvtxDomainHandle_t>(domain_));
}

void Trace::push_range(Phase phase) {
  nvtxEventAttributes_t attributes{};
  attributes.version = NVTX_VERSION;
  attributes.size = NVTX_EVENT_ATTRIB_STRUCT_SIZE;
  attributes.messageType = NVTX_MESSAGE_TYPE_REGISTERED;
  attributes.message.registered = static_cast<nvtxStringHandle_t>(range_names_[index(phase)]);
  nvtxDomainRangePushEx(static_cast<nvtxDomainHandle_t>(domain_), &attributes);
}

void Trace::pop_range() {
  nvtxDomainRangePop(static_cast<nvtxDomainHandle_t>(domain_));
}
#else
Trace::Trace() = default;
Trace::~Trace() = default;
void Trace::push_range(Phase /*phase*/) {}
void Trace::pop_range() {}
#endif

std::array<PhaseTotal, kPhaseCount> Trace::totals() const {
  std::array<PhaseTotal, kPhaseCount> sums;
  for (size_t i = 0; i < sums.size(); ++i) {
    sums[i].count = count_[i].load(std::memory_order_relaxed);
    sums[i].total_ns = total_ns_[i].load(std::memory_order_relaxed);
  }
  return sums;
}

void Trace::reset_totals() {
  for (auto& count : count_) count.store(0, std::memory_order_relaxed);
  for (auto& total : total_ns_) total.store(0, std::memory_order_relaxed);
}

PhaseScope::PhaseScope(Trace& trace, Phase phase) : trace_(trace), phase_(phase) {
  trace_.enter(phase_);
  begin_ns_ = now_ns();
}

PhaseScope::~PhaseScope() {
  trace_.leave(phase_, now_ns() - begin_ns_);
}

}  // namespace ckptbench
