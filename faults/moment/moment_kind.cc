#include "faults/moment/moment_kind.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "faults/api/draw.h"
#include "harness/core/json_text.h"
#include "harness/platform/clock.h"
#include "harness/platform/job_kill.h"

namespace ckptbench {
namespace {

constexpr int64_t kLateNs = 30'000'000'000;  // a thread that has not run for so long never will

// Owned by the training loop; its thread lives until the kill, or until the job is done with it.
class MomentKill : public ArmedFault {
 public:
  MomentKill(int64_t after_ns, int log_fd)
      : after_ns_(after_ns), log_fd_(log_fd), job_(JobKill::of_this_process()) {}
  ~MomentKill() override {
    {
      const std::lock_guard lock(mutex_);
      given_up_ = true;
    }
    changed_.notify_all();
  }

  void save_requested() override {
    if (thread_.joinable()) return;
    due_ns_ = now_ns() + after_ns_;
    thread_ = std::jthread([this] { run(); });
  }

  // Returns only where the evidence could not be written, or no save was requested.
  void await_end() override {
    if (!thread_.joinable()) return;
    std::unique_lock lock(mutex_);
    const auto limit = std::chrono::nanoseconds(std::max<int64_t>(0, due_ns_ - now_ns()) + kLateNs);
    changed_.wait_for(lock, limit, [this] { return !error_.empty(); });
    throw ExitError(ExitCode::kHarness,
                    error_.empty() ? "the kill was due and did not happen" : error_);
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    const auto wait = std::chrono::nanoseconds(std::max<int64_t>(0, due_ns_ - now_ns()));
    if (changed_.wait_for(lock, wait, [this] { return given_up_; })) return;
    const int64_t at_ns = after_ns_ + (now_ns() - due_ns_);
    const std::string line =
        fmt::format("{{\"fault\":\"kill\",\"kind\":\"moment\",\"moment_ns\":{},\"pid\":{}}}\n",
                    at_ns, ::getpid());
    if (::write(log_fd_, line.data(), line.size()) == static_cast<ssize_t>(line.size())) {
      job_.kill();
    }
    error_ = "the fault log cannot be written: the armed moment was not carried out";
    changed_.notify_all();
  }

  int64_t after_ns_;
  int log_fd_;
  JobKill job_;
  int64_t due_ns_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool given_up_ = false;
  std::string error_;
  std::jthread thread_;  // last: it uses all of the above
};

Fault moment(double share) {
  return {"moment", {{"share", share_text(share)}}};
}

std::vector<NamedFault> plan(const FaultGroup& group, const PlanSite& site) {
  std::vector<NamedFault> out;
  std::vector<double> at = group.reals("at");
  const uint64_t count = group.whole("count");
  if (count > 0) at = draw_shares(count, seeded_draw(site.seed, site.stem + ".moment"));
  for (const double share : at) {
    out.push_back({fmt::format("moment-{}", out.size() + 1), moment(share)});
  }
  return out;
}

std::string check_group(const FaultGroup& group) {
  const bool both = group.whole("count") > 0 && !group.texts("at").empty();
  const bool neither = group.whole("count") == 0 && group.texts("at").empty();
  return both || neither ? "expected either count or at" : "";
}

std::string describe_moment(const Params& params) {
  return fmt::format("kill at {:.1f} % of the run", params.real("share") * 100);
}

std::optional<Unmet> resolve(Fault& fault, const Params& params,
                             const UndisturbedFacts& undisturbed) {
  if (!fault.params.contains("share")) return std::nullopt;
  const double at_ns = params.real("share") * undisturbed.first_save_to_end_ns;
  fault.params["at_ns"] = fmt::format("{}", std::max<int64_t>(1, static_cast<int64_t>(at_ns)));
  return std::nullopt;
}

std::unique_ptr<ArmedFault> arm(const Params& params, const ArmSite& site) {
  return std::make_unique<MomentKill>(params.integer("at_ns"), site.log_fd);
}

std::string point_of(const nlohmann::json& line) {
  return fmt::format("moment +{:.1f} ms", line.at("moment_ns").get<double>() / 1e6);
}

}  // namespace

FaultKind moment_kind() {
  using Type = FaultKey::Type;
  FaultKind kind;
  kind.name = "moment";
  kind.suite_key = "moments";
  kind.summary = "a kill at a share of the time from the first save to the end";
  kind.column = "kill at a moment";
  kind.keys = {
      {.name = "count", .type = Type::kWholes, .minimum = 1, .single = true},
      {.name = "at", .type = Type::kReals, .minimum = 0, .maximum = 1},
  };
  kind.params = {
      {"share", ParamType::kReal, "0", "of an undisturbed run, from its first save on", {}, 0, 1},
      {"at_ns", ParamType::kInteger, "1", "the same in nanoseconds, once it is known", {}, 1},
  };
  kind.check_group = check_group;
  kind.plan = plan;
  kind.describe = describe_moment;
  kind.resolve = resolve;
  kind.arm = arm;
  kind.point_of = point_of;
  return kind;
}

}  // namespace ckptbench
