#include "harness/platform/trace.h"

#include <unistd.h>

#include <cstdio>
#include <string_view>

#include "harness/platform/clock.h"

#ifdef CKPT_HAS_NVTX
#include <nvtx3/nvToolsExt.h>
#endif

namespace ckptbench {
namespace {

const char* edge_name(Edge edge) {
  return edge == Edge::kBefore ? "before" : "after";
}

}  // namespace

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

void Trace::arm_kill(Phase phase, Edge edge, uint64_t occurrence, int log_fd) {
  armed_phase_ = phase;
  armed_edge_ = edge;
  armed_occurrence_ = occurrence;
  log_fd_ = log_fd;
  job_ = JobKill::of_this_process();
  remaining_.store(static_cast<int64_t>(occurrence), std::memory_order_relaxed);
  armed_.store(true, std::memory_order_release);
}

void Trace::pass(Phase phase, Edge edge) {
  if (!armed_.load(std::memory_order_acquire)) return;  // orders the reads of what was armed
  if (phase != armed_phase_ || edge != armed_edge_) return;
  if (remaining_.fetch_sub(1, std::memory_order_relaxed) != 1) return;
  char line[200];
  const int length =
      std::snprintf(line, sizeof line,
                    "{\"fault\":\"kill\",\"kind\":\"phase\",\"phase\":\"%s\",\"edge\":\"%s\","
                    "\"occurrence\":%llu,\"pid\":%d}\n",
                    phase_name(phase).data(), edge_name(edge),
                    static_cast<unsigned long long>(armed_occurrence_), static_cast<int>(getpid()));
  if (write(log_fd_, line, static_cast<size_t>(length)) != length) {
    // A kill without evidence would read as an unexplained death: do not act.
    static constexpr std::string_view kComplaint =
        "ckptbench: the fault log cannot be written, the armed kill is not carried out\n";
    [[maybe_unused]] const ssize_t told = write(2, kComplaint.data(), kComplaint.size());
    return;
  }
  job_->kill();
}

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
