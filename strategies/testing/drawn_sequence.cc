#include "strategies/testing/drawn_sequence.h"

#include <array>

#include "harness/core/prng.h"

namespace ckptbench {
namespace {

using Kind = DrawnOp::Kind;

struct OpRow {
  Kind kind;
  std::string_view name;
  uint64_t weight;
};

constexpr std::array<OpRow, 14> kOps{{{Kind::kMutate, "mutate", 12},
                                      {Kind::kSave, "save", 26},
                                      {Kind::kWait, "wait", 10},
                                      {Kind::kList, "list", 8},
                                      {Kind::kRestore, "restore", 10},
                                      {Kind::kRetain, "retain", 14},
                                      {Kind::kDrain, "drain", 5},
                                      {Kind::kPrepare, "prepare", 2},
                                      {Kind::kReopen, "reopen", 5},
                                      {Kind::kSecondWriter, "second writer", 1},
                                      {Kind::kDamage, "damage", 4},
                                      {Kind::kSmallFiles, "small files", 4},
                                      {Kind::kFailingSync, "failing sync", 4},
                                      {Kind::kKill, "kill", 5}}};

constexpr uint64_t kMinOps = 8;
constexpr uint64_t kMaxOps = 32;

// Values that meet each other often: several chunks in a small tensor, full checkpoints again soon.
const std::vector<std::pair<std::string, std::vector<std::string>>>& drawn_values() {
  static const std::vector<std::pair<std::string, std::vector<std::string>>> values{
      {"chunk_bytes", {"4096", "8192"}},    {"writers", {"1", "2", "3"}},
      {"busy", {"wait", "wait", "skip"}},   {"full_every", {"2", "3", "16"}},
      {"fsync", {"true", "true", "false"}}, {"direct", {"true", "false"}}};
  return values;
}

ParamText draw_params(const std::vector<ParamInfo>& rows, Prng& prng) {
  ParamText params;
  for (const auto& [name, values] : drawn_values()) {
    const std::string& value = values[prng.below(values.size())];
    for (const ParamInfo& row : rows) {
      if (row.name == name) params[name] = value;
    }
  }
  return params;
}

}  // namespace

std::string_view op_name(Kind kind) {
  for (const OpRow& row : kOps) {
    if (row.kind == kind) return row.name;
  }
  return "?";
}

DrawnSequence draw_sequence(const SequenceSubject& subject, uint64_t seed) {
  Prng prng(seed);
  DrawnSequence sequence{.seed = seed, .params = draw_params(subject.params, prng), .ops = {}};
  uint64_t total = 0;
  for (const OpRow& row : kOps) total += row.weight;
  const uint64_t count = kMinOps + prng.below(kMaxOps - kMinOps);
  while (sequence.ops.size() < count) {
    uint64_t draw = prng.below(total);
    size_t row = 0;
    while (draw >= kOps[row].weight) draw -= kOps[row++].weight;
    const DrawnOp op{.kind = kOps[row].kind, .a = prng.next(), .b = prng.next()};
    if (!subject.lacks.contains(op.kind)) sequence.ops.push_back(op);
  }
  return sequence;
}

}  // namespace ckptbench
