// Whose word counts for when a save became durable, and which save it is about.
#include "harness/train/save_log.h"

#include <gtest/gtest.h>

#include "harness/platform/clock.h"

namespace ckptbench {
namespace {

TEST(SaveLog, TheReportOfTheStrategyComesBeforeTheReturnOfWait) {
  SaveLog log(1, nullptr);
  log.begin(4);
  log.durable(4, 7, {.process = true, .power = true});
  const int64_t reported_ns = log.at(0).durable_ns.load();
  ASSERT_NE(reported_ns, 0);
  log.acknowledged(0, {.process = true});
  EXPECT_EQ(log.at(0).durable_ns.load(), reported_ns);
  EXPECT_TRUE(survives_of(log.at(0)).power);
  EXPECT_EQ(log.at(0).seq.load(), 7U);
}

// A run that went back saves a step again.
TEST(SaveLog, AReportIsAboutTheNewestSaveOfItsStep) {
  SaveLog log(3, nullptr);
  for (const uint64_t step : {4, 6, 4}) log.begin(step);
  log.durable(4, 3, {.process = true});
  EXPECT_EQ(log.at(0).durable_ns.load(), 0);
  EXPECT_EQ(log.at(2).seq.load(), 3U);
}

// A save that waits for the one before is not slower for it.
TEST(SaveLog, AloneASaveBeginsWhereTheOneBeforeItHasEnded) {
  SaveLog log(4, nullptr);
  for (const uint64_t step : {2, 4, 6, 8}) log.begin(step).requested_ns = now_ns();
  EXPECT_FALSE(log.persist_ns(0));
  EXPECT_FALSE(log.persist_alone_ns(0));
  log.durable(2, 1, {.process = true});
  const int64_t first_ns = log.at(0).durable_ns.load();
  EXPECT_EQ(log.persist_ns(0), first_ns - log.at(0).requested_ns);
  EXPECT_EQ(log.persist_alone_ns(0), log.persist_ns(0));
  while (now_ns() == first_ns) continue;
  log.durable(4, 2, {.process = true});
  const int64_t second_ns = log.at(1).durable_ns.load();
  EXPECT_EQ(log.persist_ns(1), second_ns - log.at(1).requested_ns);
  EXPECT_EQ(log.persist_alone_ns(1), second_ns - first_ns);
  // The third never becomes durable: what the fourth waited for, nobody knows.
  log.durable(8, 4, {.process = true});
  EXPECT_EQ(log.persist_alone_ns(3), log.persist_ns(3));
}

TEST(SaveLog, ASaveThatOvertakesTheOneBeforeHasNoTimeAlone) {
  SaveLog log(2, nullptr);
  for (const uint64_t step : {2, 4}) log.begin(step).requested_ns = now_ns();
  log.durable(4, 2, {.process = true});
  log.durable(2, 1, {.process = true});
  EXPECT_TRUE(log.persist_ns(1));
  EXPECT_FALSE(log.persist_alone_ns(1));
}

TEST(SaveLog, EveryClaimComesBackAsItWas) {
  SaveLog log(16, nullptr);
  for (uint64_t bits = 0; bits < 16; ++bits) {
    const Survives claim{.process = (bits & 1) != 0,
                         .power = (bits & 2) != 0,
                         .host = (bits & 4) != 0,
                         .media = (bits & 8) != 0};
    log.begin(bits);
    log.durable(bits, 1, claim);
    EXPECT_EQ(to_text(survives_of(log.at(bits))), to_text(claim));
  }
}

}  // namespace
}  // namespace ckptbench
