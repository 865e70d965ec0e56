#include "strategies/testing/sequence_search.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <optional>

#include "strategies/testing/sequence_run.h"

namespace ckptbench {
namespace {

// What depends on threads may need another try.
constexpr int kTries = 2;
constexpr int kMaxRuns = 300;

uint64_t number_from(const char* variable, uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

std::optional<SequenceFailure> failure_of(const SequenceSubject& subject,
                                          const DrawnSequence& sequence) {
  try {
    SequenceRun(subject, sequence).run();
  } catch (const SequenceFailure& failure) {
    return failure;
  }
  return std::nullopt;
}

class Shrinker {
 public:
  Shrinker(const SequenceSubject& subject, DrawnSequence sequence, SequenceFailure failure)
      : subject_(subject), sequence_(std::move(sequence)), failure_(std::move(failure)) {}

  void shrink() {
    cut();
    for (bool shorter = true; shorter;) {
      shorter = false;
      for (size_t i = sequence_.ops.size(); i-- > 0 && runs_ < kMaxRuns;) {
        if (i < sequence_.ops.size()) shorter |= try_without(i);
      }
    }
  }

  const DrawnSequence& sequence() const { return sequence_; }
  const SequenceFailure& failure() const { return failure_; }

 private:
  // Nothing behind the operation that failed has had a part in it.
  void cut() {
    if (failure_.op() < sequence_.ops.size()) sequence_.ops.resize(failure_.op() + 1);
  }

  bool try_without(size_t index) {
    DrawnSequence shorter = sequence_;
    shorter.ops.erase(shorter.ops.begin() + static_cast<std::ptrdiff_t>(index));
    for (int i = 0; i < kTries; ++i) {
      ++runs_;
      const auto failure = failure_of(subject_, shorter);
      if (!failure) continue;
      sequence_ = std::move(shorter);
      failure_ = *failure;
      cut();
      return true;
    }
    return false;
  }

  const SequenceSubject& subject_;
  DrawnSequence sequence_;
  SequenceFailure failure_;
  int runs_ = 0;
};

std::string text_of(const SequenceSubject& subject, const DrawnSequence& sequence,
                    const SequenceFailure& failure, size_t drawn) {
  std::string params;
  for (const auto& [name, value] : sequence.params) params += fmt::format(" {}={}", name, value);
  return fmt::format("{}{}: {}\n  {}\n{} operations of {} (CKPT_SEED={} CKPT_SEQUENCES=1)\n",
                     subject.name, params, failure.what(), fmt::join(failure.done(), "\n  "),
                     sequence.ops.size(), drawn, sequence.seed);
}

}  // namespace

SequenceReport check_sequences(const SequenceSubject& subject, uint64_t count) {
  SequenceReport report;
  const uint64_t first = number_from("CKPT_SEED", 1);
  const uint64_t sequences = number_from("CKPT_SEQUENCES", count);
  for (uint64_t seed = first; seed < first + sequences; ++seed) {
    const DrawnSequence sequence = draw_sequence(subject, seed);
    const auto failure = failure_of(subject, sequence);
    ++report.sequences;
    if (!failure) continue;
    Shrinker shrinker(subject, sequence, *failure);
    shrinker.shrink();
    report.seed = seed;
    report.ops = shrinker.sequence().ops.size();
    report.what = shrinker.failure().what();
    report.text = text_of(subject, shrinker.sequence(), shrinker.failure(), sequence.ops.size());
    return report;
  }
  return report;
}

}  // namespace ckptbench
