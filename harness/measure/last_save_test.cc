// What a restore in a measured cell is held against, and in which words it fails.
#include "harness/measure/last_save.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "harness/core/journal.h"
#include "harness/platform/testing/temp_directory.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;

class SaversJournal : public testing::Test {
 protected:
  SaversJournal() {
    auto journal = JournalWriter::open(path_, 0);
    EXPECT_TRUE(journal);
    for (const uint64_t step : {374, 378}) {
      journal.value().append(
          {.event = Event::kStep, .step = step, .digests = {{Role::kParameter, digest_of(step)}}});
      journal.value().append({.event = Event::kRequested, .step = step});
    }
  }
  static Digest digest_of(uint64_t step) {
    return ckptbench::digest_of(std::as_bytes(std::span(&step, 1)));
  }
  void append(const JournalEntry& entry) {
    auto journal = JournalWriter::open(path_, 0);
    ASSERT_TRUE(journal);
    journal.value().append(entry);
  }

  const TempDirectory directory_;
  const std::string path_ = directory_ / "measure.journal.jsonl";
};

TEST_F(SaversJournal, HasTheLastSaveAndWhetherItWasAcknowledged) {
  append({.event = Event::kDurable, .step = 374});
  const auto open = read_last_save(path_);
  ASSERT_TRUE(open) << open.error().message;
  EXPECT_EQ(open.value().step, 378U);
  EXPECT_EQ(open.value().digests.at(Role::kParameter), digest_of(378));
  EXPECT_FALSE(open.value().acknowledged);
  append({.event = Event::kDurable, .step = 378});
  EXPECT_TRUE(read_last_save(path_).value().acknowledged);
}

TEST_F(SaversJournal, IsAnErrorWhereItCannotBeReadOrHasNoSave) {
  EXPECT_THAT(read_last_save(directory_ / "none").error().message, HasSubstr("none"));
  std::ofstream(path_) << "{}\n{}\n";
  EXPECT_FALSE(read_last_save(path_));
  const std::string other = directory_ / "other";
  {
    auto journal = JournalWriter::open(other, 0);
    ASSERT_TRUE(journal);
    journal.value().append({.event = Event::kStart});
  }
  EXPECT_THAT(read_last_save(other).error().message, HasSubstr("no save with the digests"));
}

TEST(WrongStep, SaysWhichStepCameBackAndWhichWasSaved) {
  const LastSave last{.step = 378, .acknowledged = true, .digests = {}};
  EXPECT_EQ(wrong_step(last, 378), "");
  EXPECT_EQ(wrong_step(last, 379),
            "claims step 379, which was never saved; the last save was of step 378");
  EXPECT_EQ(wrong_step(last, 374), "claims step 374; the last acknowledged save was of step 378");
  EXPECT_EQ(wrong_step({.step = 378, .acknowledged = false, .digests = {}}, 374),
            "claims step 374; the last save, of step 378, was never acknowledged");
}

}  // namespace
}  // namespace ckptbench
