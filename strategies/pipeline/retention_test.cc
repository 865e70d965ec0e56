#include "strategies/pipeline/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ckptbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A checkpoint whose bytes lie in its own file and in those of others.
CatalogEntry readable(uint64_t seq, const std::vector<uint64_t>& needs = {}) {
  CheckpointFacts facts{.info = {.seq = seq, .run = "", .step = seq, .metric = {}}, .needs = needs};
  return {
      .seq = seq, .facts = std::make_shared<const CheckpointFacts>(std::move(facts)), .damage = ""};
}

CatalogEntry damaged(uint64_t seq) {
  return {.seq = seq, .facts = nullptr, .damage = "unreadable for a test"};
}

std::set<uint64_t> up_to(const std::vector<CatalogEntry>& entries, uint64_t newest) {
  std::set<uint64_t> seqs;
  for (const CatalogEntry& entry : entries) {
    if (entry.seq <= newest) seqs.insert(entry.seq);
  }
  return seqs;
}

std::vector<uint64_t> dropped_of(const std::vector<CatalogEntry>& entries,
                                 const RetentionRequest& request,
                                 const std::set<uint64_t>& pinned = {}) {
  const auto drop = plan_retention(entries, request, pinned);
  EXPECT_TRUE(drop) << drop.error().message;
  std::vector<uint64_t> seqs;
  for (size_t i = 0; drop && i < drop.value().size(); ++i) seqs.push_back(drop.value()[i].seq);
  return seqs;
}

// Known: all up to this one.
std::vector<uint64_t> dropped(const std::vector<CatalogEntry>& entries,
                              const std::set<uint64_t>& keep, uint64_t newest_known,
                              const std::set<uint64_t>& pinned = {}) {
  return dropped_of(entries, {.keep = keep, .known = up_to(entries, newest_known)}, pinned);
}

TEST(Retention, DropsTheRestNewestFirst) {
  EXPECT_THAT(dropped({readable(5), readable(4), readable(3), readable(2)}, {5, 3}, 5),
              ElementsAre(4, 2));
}

TEST(Retention, KeepsWhatTheKeptNeed) {
  const std::vector<CatalogEntry> chain{readable(5, {3}), readable(4), readable(3, {1}),
                                        readable(2), readable(1)};
  EXPECT_THAT(dropped(chain, {5}, 5), ElementsAre(4, 2));
}

TEST(Retention, KeepsWhatASaveInFlightNeeds) {
  EXPECT_THAT(dropped({readable(3), readable(2, {1}), readable(1)}, {3}, 3, {2}), IsEmpty());
}

TEST(Retention, KeepsWhatTheCallerCannotKnowOfAndItsNeeds) {
  EXPECT_THAT(dropped({readable(5, {2}), readable(4), readable(3), readable(2)}, {4}, 4),
              ElementsAre(3));
}

TEST(Retention, KeepsAnOlderOneThatTheCallerCouldNotKnowOfAndItsNeeds) {
  const std::vector<CatalogEntry> entries{readable(5), readable(4), readable(3, {1}), readable(2),
                                          readable(1)};
  EXPECT_THAT(dropped_of(entries, {.keep = {5}, .known = {5, 4, 2, 1}}), ElementsAre(4, 2));
  // The newest that is certain is 4 here, of the known ones.
  EXPECT_THAT(dropped_of(entries, {.keep = {2}, .known = {4, 2, 1}}), IsEmpty());
}

TEST(Retention, KeepsTheNewestAndItsNeedsUntilANewerOneIsDurable) {
  EXPECT_THAT(dropped({readable(4, {2}), readable(3), readable(2), readable(1)}, {1}, 4),
              ElementsAre(3));
  // 5 may be a commit that fails yet: 4 is the newest that is certain.
  EXPECT_THAT(dropped({readable(5), readable(4), readable(3), readable(1)}, {1}, 4),
              ElementsAre(3));
}

TEST(Retention, ARecordThatCannotBeReadProtectsWhatItMayNeed) {
  EXPECT_THAT(dropped({readable(5), readable(4), damaged(3), readable(2), readable(1)}, {5}, 5),
              ElementsAre(4));
  EXPECT_THAT(dropped({damaged(6), readable(5), readable(4)}, {5}, 5), IsEmpty());
  // A list that reads heads alone offers it as one to keep: beside another one that is no error.
  EXPECT_THAT(dropped({readable(5), readable(4), damaged(3), readable(2)}, {5, 3}, 5),
              ElementsAre(4));
}

TEST(Retention, DeletesNothingWhenTheKeptAreNotThere) {
  const std::vector<CatalogEntry> entries{readable(3), damaged(2), readable(1)};
  const auto error_of = [&](const std::set<uint64_t>& keep) {
    const auto drop = plan_retention(entries, {.keep = keep, .known = up_to(entries, 3)}, {});
    return drop ? "accepted" : drop.error().message;
  };
  EXPECT_THAT(error_of({}), HasSubstr("at least one"));
  EXPECT_THAT(error_of({3, 7}), HasSubstr("no checkpoint 7"));
  EXPECT_THAT(error_of({2}), HasSubstr("unreadable for a test"));
}

}  // namespace
}  // namespace ckptbench
