#include "harness/judge/allowed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/judge/trial_maker.h"

namespace ckptbench {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Survives kNothing{};

Verdict of(DataVerdict data) {
  Verdict verdict;
  verdict.data = data;
  return verdict;
}

TEST(IsAllowed, AKillThatIsSurvivedByClaimRollsBackAtWorst) {
  for (const FaultClass fault : {FaultClass::kNone, FaultClass::kKill}) {
    for (const auto data :
         {DataVerdict::kSilentCorrupt, DataVerdict::kDiverged, DataVerdict::kSilentRestart,
          DataVerdict::kLostAck, DataVerdict::kDetectedUnrecoverable, DataVerdict::kNoFallback}) {
      EXPECT_FALSE(is_allowed(of(data), fault, kProcess)) << verdict_name(data);
    }
    EXPECT_TRUE(is_allowed(of(DataVerdict::kBitExact), fault, kProcess));
  }
  EXPECT_TRUE(is_allowed(of(DataVerdict::kRolledBack), FaultClass::kKill, kProcess));
}

// Undisturbed, the newest save comes back: only a strategy that may decline saves, or that claims
// nothing at all, comes back further behind.
TEST(IsAllowed, WithoutAFaultNothingRollsBack) {
  const Verdict older = of(DataVerdict::kRolledBack);
  EXPECT_FALSE(is_allowed(older, FaultClass::kNone, kProcess));
  EXPECT_TRUE(is_allowed(older, FaultClass::kNone, kProcess, Declines::kYes));
  EXPECT_TRUE(is_allowed(older, FaultClass::kNone, kNothing));
  Verdict end = older;
  end.outcome = HarnessOutcome::kSweepEnd;
  EXPECT_FALSE(is_allowed(end, FaultClass::kKill, kProcess)) << "the end of a sweep met no fault";
  EXPECT_TRUE(is_allowed(end, FaultClass::kKill, kProcess, Declines::kYes));
}

TEST(IsAllowed, WithoutTheClaimAKillMayBeLoudButNeverWrong) {
  EXPECT_TRUE(is_allowed(of(DataVerdict::kDetectedUnrecoverable), FaultClass::kKill, kNothing));
  EXPECT_TRUE(is_allowed(of(DataVerdict::kNoFallback), FaultClass::kKill, kNothing));
  EXPECT_FALSE(is_allowed(of(DataVerdict::kDetectedUnrecoverable), FaultClass::kNone, kNothing));
  EXPECT_FALSE(is_allowed(of(DataVerdict::kSilentCorrupt), FaultClass::kKill, kNothing));
  EXPECT_FALSE(is_allowed(of(DataVerdict::kDiverged), FaultClass::kKill, kNothing));
}

TEST(IsAllowed, NoFindingIs) {
  for (int i = 0; i < kFindingCount; ++i) {
    Verdict verdict = of(DataVerdict::kBitExact);
    verdict.findings = {static_cast<Finding>(i)};
    EXPECT_FALSE(is_allowed(verdict, FaultClass::kKill, kProcess));
  }
}

TEST(IsAllowed, NothingWithoutAVouchedOutcomeIs) {
  Verdict verdict;
  EXPECT_FALSE(is_allowed(verdict, FaultClass::kKill, kProcess));
  for (const auto outcome : {HarnessOutcome::kOracleInvalid, HarnessOutcome::kHarnessError}) {
    verdict.outcome = outcome;
    EXPECT_FALSE(is_allowed(verdict, FaultClass::kKill, kProcess));
  }
  verdict.outcome = HarnessOutcome::kSweepEnd;
  EXPECT_TRUE(is_allowed(verdict, FaultClass::kKill, kProcess));
  verdict.data = DataVerdict::kLostAck;  // lost without any fault
  EXPECT_FALSE(is_allowed(verdict, FaultClass::kKill, kProcess));
}

KnownFailure known(const std::string& strategy, const std::string& fault,
                   const std::string& verdict) {
  return {.strategy = strategy, .fault = fault, .verdict = verdict, .reason = "r", .source = "s"};
}

TEST(KnownFailures, CoverAllOfAVerdictOrNothing) {
  const std::vector<KnownFailure> list{known("torch-save", "kill", "DETECTED-UNRECOVERABLE"),
                                       known("torch-save", "kill", "LEAK")};
  const auto count = [&](const Verdict& verdict, FaultClass fault, const std::string& strategy) {
    return known_failures_of(verdict, fault, kProcess, strategy, list).size();
  };
  Verdict verdict = of(DataVerdict::kDetectedUnrecoverable);
  EXPECT_EQ(count(verdict, FaultClass::kKill, "torch-save"), 1u);
  EXPECT_EQ(count(verdict, FaultClass::kNone, "torch-save"), 0u);
  EXPECT_EQ(count(verdict, FaultClass::kKill, "sync"), 0u);
  verdict.findings = {Finding::kLeak};
  EXPECT_EQ(count(verdict, FaultClass::kKill, "torch-save"), 2u);
  verdict.findings = {Finding::kLeak, Finding::kHang};
  EXPECT_EQ(count(verdict, FaultClass::kKill, "torch-save"), 0u);
  EXPECT_EQ(count(of(DataVerdict::kSilentCorrupt), FaultClass::kKill, "torch-save"), 0u);
  EXPECT_EQ(count(of(DataVerdict::kBitExact), FaultClass::kKill, "torch-save"), 0u);
  verdict.outcome = HarnessOutcome::kHarnessError;
  EXPECT_EQ(count(verdict, FaultClass::kKill, "torch-save"), 0u);
}

// What is known of kills excuses no loss that no kill caused.
TEST(KnownFailures, AreThoseOfTheFaultThatWasMet) {
  const std::vector<KnownFailure> of_kills{known("torch-save", "kill", "DETECTED-UNRECOVERABLE")};
  const std::vector<KnownFailure> of_none{known("torch-save", "none", "DETECTED-UNRECOVERABLE")};
  const auto count = [](const Verdict& verdict, const std::vector<KnownFailure>& list) {
    return known_failures_of(verdict, FaultClass::kKill, kProcess, "torch-save", list).size();
  };
  Verdict verdict = of(DataVerdict::kDetectedUnrecoverable);
  EXPECT_EQ(count(verdict, of_kills), 1u);
  EXPECT_EQ(count(verdict, of_none), 0u);
  for (const auto unmet : {HarnessOutcome::kVacuous, HarnessOutcome::kSweepEnd}) {
    verdict.outcome = unmet;
    EXPECT_EQ(count(verdict, of_kills), 0u) << outcome_name(unmet);
    EXPECT_EQ(count(verdict, of_none), 1u) << outcome_name(unmet);
  }
}

TEST(KnownFailures, OfAFirstSaveCoverNoLaterOne) {
  KnownFailure first = known("torch-save", "kill", "DETECTED-UNRECOVERABLE");
  first.first_save = true;
  Verdict verdict = of(DataVerdict::kDetectedUnrecoverable);
  const auto count = [&] {
    return known_failures_of(verdict, FaultClass::kKill, kProcess, "torch-save", {first}).size();
  };
  EXPECT_EQ(count(), 1u);
  verdict.floor_step = 2;
  EXPECT_EQ(count(), 0u);
}

}  // namespace
}  // namespace ckptbench
