#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/judge/judge.h"
#include "harness/judge/trial_maker.h"

namespace ckptbench {
namespace {

TEST(MakeReference, NamesTheFirstDifferenceOfTwoReferenceRuns) {
  JournalContents first;
  for (uint64_t step = 0; step <= 4; ++step) first.entries.push_back(entry_of(Event::kStep, step));
  JournalContents second = first;
  ASSERT_TRUE(make_reference(first, second).ok());
  EXPECT_EQ(make_reference(first, second).value().steps.size(), 5U);
  second.entries[3].digests[Role::kLoader] = kGarbage;
  second.entries[4].digests[Role::kParameter] = kGarbage;
  EXPECT_THAT(make_reference(first, second).error().message,
              testing::HasSubstr("at step 3 in loader"));
  second.entries.pop_back();
  EXPECT_THAT(make_reference(first, second).error().message,
              testing::HasSubstr("one ends at step 4, the other at step 3"));
  first.entries.erase(first.entries.begin());
  EXPECT_FALSE(make_reference(first, first).ok());
}

TEST(MakeReference, NeedsStepsAndTheirDigests) {
  const JournalContents nothing;
  EXPECT_FALSE(make_reference(nothing, nothing).ok());
  JournalContents bare;
  bare.entries = {entry_of(Event::kStep, 0), entry_of(Event::kStep, 1)};
  ASSERT_TRUE(make_reference(bare, bare).ok());
  bare.entries[1].digests.clear();
  EXPECT_FALSE(make_reference(bare, bare).ok());
}

}  // namespace
}  // namespace ckptbench
