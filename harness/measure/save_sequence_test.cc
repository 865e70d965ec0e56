// The steps of a save with other sizes, as text and as JSON.
#include "harness/measure/save_sequence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

using testing::ElementsAre;

TEST(SaveSequence, AClaimOfPowerMeansSyncsAndOneOfTheProcessNone) {
  EXPECT_EQ(sequence_text(claimed_save({9, 5, 1}, true).sequence),
            "write 1, sync 1, write 2, sync 2, rename 1, rename 2, sync folder, "
            "write 3, sync 3, rename 3, sync folder");
  EXPECT_EQ(sequence_text(claimed_save({9}, false).sequence), "write 1, rename 1");
  EXPECT_EQ(sequence_text(claimed_save({9}, true, true).sequence), "write 1, sync 1");
  EXPECT_TRUE(claimed_save({9}, true, true).in_place);
  EXPECT_EQ(sequence_text(claimed_save({}, true).sequence), "");
}

TEST(SaveSequence, OtherSizesGoToTheFilesOfTheirRank) {
  SaveSequence sequence{.sizes = {10, 900, 20}};
  sequence.steps = {{FileStep::kWrite, 2}, {FileStep::kWrite, 1}, {FileStep::kSync, 1}};
  const SaveSequence changed = with_sizes(sequence, {1000, 11, 21});
  EXPECT_THAT(changed.sizes, ElementsAre(11, 1000, 21));
  EXPECT_EQ(changed.steps, sequence.steps);
}

TEST(SaveSequence, ForAnotherNumberOfFilesTheKindsOfStepsStay) {
  const SaveSequence synced = common_sequence({1, 2}, {.rename = false, .sync_folder = false});
  EXPECT_EQ(sequence_text(with_sizes(synced, {7})), "write 1, sync 1");
  const SaveSequence renamed = common_sequence({1}, {.sync = false, .sync_folder = false});
  EXPECT_EQ(sequence_text(with_sizes(renamed, {7, 8})), "write 1, rename 1, write 2, rename 2");
}

TEST(SaveSequence, PartsOfAFileAreNamedAndALongTextIsCut) {
  SaveSequence sequence{.sizes = {100}};
  sequence.steps = {{FileStep::kWrite, 0, 0.25}, {FileStep::kWrite, 0, 0.75}};
  EXPECT_EQ(sequence_text(sequence), "write 1 (25 %), write 1 (75 %)");
  const SaveSequence many = common_sequence(FileSizes(30, 1), {});
  EXPECT_THAT(sequence_text(many), testing::EndsWith("sync 12, and 68 more steps"));
}

TEST(SaveSequence, TheKindsOfItsFilesGoWithThem) {
  constexpr WriteKind kDirect{.direct = true, .preallocated = true};
  SaveSequence sequence{.sizes = {10, 900, 20}, .kinds = {{}, kDirect, {}}};
  EXPECT_EQ(with_sizes(sequence, {1000, 11, 21}).kinds, sequence.kinds);
  EXPECT_THAT(with_sizes(sequence, {7}).kinds, ElementsAre(kDirect));
  EXPECT_THAT(with_sizes(sequence, {7, 8, 9, 1}).kinds,
              ElementsAre(kDirect, kDirect, kDirect, WriteKind{}));
  EXPECT_EQ(sequence.kind_of(1), kDirect);
  sequence.kinds.clear();
  EXPECT_EQ(sequence.kind_of(1), std::nullopt);
  EXPECT_THAT(with_sizes(sequence, {7, 8}).kinds, testing::IsEmpty());
  EXPECT_EQ(claimed_save({9}, true).sequence.kind_of(0), std::nullopt);
}

TEST(SaveSequence, ComesBackFromItsJson) {
  SaveSequence sequence = claimed_save({9, 1}, true).sequence;
  sequence.steps.front().share = 0.5;
  sequence.kinds = {{.direct = true}, {.preallocated = true}};
  const auto back = parse_json(json_text(sequence)).get<SaveSequence>();
  EXPECT_EQ(back.sizes, sequence.sizes);
  EXPECT_EQ(back.steps, sequence.steps);
  EXPECT_EQ(back.kinds, sequence.kinds);
}

// As a report has it from before the kinds were kept.
TEST(SaveSequence, IsReadWithoutTheKindsOfItsFiles) {
  const auto old = parse_json(R"({"sizes":[9],"steps":[{"what":"write","file":0,"share":1.0}]})")
                       .get<SaveSequence>();
  EXPECT_EQ(sequence_text(old), "write 1");
  EXPECT_EQ(old.kind_of(0), std::nullopt);
}

}  // namespace
}  // namespace ckptbench
