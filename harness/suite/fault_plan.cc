#include "harness/suite/fault_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "harness/core/digest.h"
#include "harness/core/prng.h"

namespace ckptbench {
namespace {

Prng seeded(uint64_t seed, const std::string& name) {
  return Prng(seed ^ digest_of(std::as_bytes(std::span(name))).low);
}

// `count` of the faults, in their order.
std::vector<NamedFault> sample(std::vector<NamedFault> faults, uint64_t count, Prng prng) {
  while (faults.size() > count) {
    faults.erase(faults.begin() + static_cast<int64_t>(prng.below(faults.size())));
  }
  return faults;
}

// One uniform share in each of `count` equal strata: spread over the run, never twice the same.
std::vector<double> shares(uint64_t count, Prng prng) {
  std::vector<double> out;
  for (uint64_t i = 0; i < count; ++i) {
    out.push_back((static_cast<double>(i) + prng.uniform()) / static_cast<double>(count));
  }
  return out;
}

std::vector<NamedFault> phase_faults(const PhaseFaults& group, uint64_t seed,
                                     const std::string& stem) {
  std::vector<NamedFault> out;
  for (const std::string& phase : group.names) {
    for (const std::string& edge : group.edges) {
      for (const uint64_t occurrence : group.occurrences) {
        Fault fault;
        fault.kind = Fault::Kind::kPhase;
        fault.phase = parse_phase(phase).value();
        fault.edge = edge == "before" ? Edge::kBefore : Edge::kAfter;
        fault.occurrence = occurrence;
        out.push_back({fmt::format("phase-{}-{}-{}", phase, edge, occurrence), fault});
      }
    }
  }
  return group.sample > 0 ? sample(std::move(out), group.sample, seeded(seed, stem + ".phase"))
                          : out;
}

Fault file_op(const std::string& operation, const std::string& when, const FileOpFaults& group) {
  Fault fault;
  fault.kind = Fault::Kind::kFileOp;
  // Only a write has a part that can be done.
  fault.rule.operation = when == "partial" && operation == "any" ? "write" : operation;
  fault.rule.path = group.path;
  fault.rule.when = when;
  fault.rule.occurrence = 0;
  return fault;
}

std::vector<NamedFault> file_op_faults(const FileOpFaults& group, uint64_t seed,
                                       const std::string& stem) {
  std::vector<NamedFault> out;
  for (const std::string& operation : group.operations) {
    for (const std::string& when : group.when) {
      Fault fault = file_op(operation, when, group);
      const std::string& word = fault.rule.operation;
      for (const uint64_t occurrence : group.occurrences) {
        fault.rule.occurrence = occurrence;
        out.push_back({fmt::format("file_op-{}-{}-{}", word, occurrence, when), fault});
      }
      fault.rule.occurrence = 0;
      const std::string draw = fmt::format("{}.file_op-{}-{}", stem, word, when);
      uint64_t number = 0;
      for (const double share : shares(group.count, seeded(seed, draw))) {
        fault.moment = share;
        out.push_back({fmt::format("file_op-{}-share{}-{}", word, ++number, when), fault});
      }
    }
  }
  return out;
}

std::vector<NamedFault> moment_faults(const MomentFaults& group, uint64_t seed,
                                      const std::string& stem) {
  std::vector<NamedFault> out;
  std::vector<double> at = group.at;
  if (group.count > 0) at = shares(group.count, seeded(seed, stem + ".moment"));
  for (const double share : at) {
    Fault fault;
    fault.kind = Fault::Kind::kMoment;
    fault.moment = share;
    out.push_back({fmt::format("moment-{}", out.size() + 1), fault});
  }
  return out;
}

// A sweep goes through the occurrences itself.
std::vector<NamedFault> sweep_faults(const SuiteGroup& group) {
  std::vector<NamedFault> out;
  for (const FileOpFaults& faults : group.file_ops) {
    for (const std::string& operation : faults.operations) {
      for (const std::string& when : faults.when) {
        const Fault fault = file_op(operation, when, faults);
        out.push_back({fmt::format("file_op-{}-all-{}", fault.rule.operation, when), fault});
      }
    }
  }
  return out;
}

}  // namespace

std::vector<NamedFault> plan_faults(const SuiteGroup& group, uint64_t seed,
                                    const std::string& stem) {
  if (group.kind == CellKind::kSweep) return sweep_faults(group);
  std::vector<NamedFault> out;
  const auto add = [&](std::vector<NamedFault> more) {
    out.insert(out.end(), more.begin(), more.end());
  };
  for (const PhaseFaults& faults : group.phases) add(phase_faults(faults, seed, stem));
  for (const FileOpFaults& faults : group.file_ops) add(file_op_faults(faults, seed, stem));
  for (const MomentFaults& faults : group.moments) add(moment_faults(faults, seed, stem));
  if (out.empty()) out.push_back({"none", Fault{}});
  return out;
}

}  // namespace ckptbench
