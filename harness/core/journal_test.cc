#include "harness/core/journal.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include "harness/core/one_line.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;

class JournalTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "ckpt-journal-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = folder_ + "/train.journal.jsonl";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void add_text(const std::string& text) { std::ofstream(path_, std::ios::app) << text; }

  std::string folder_;
  std::string path_;
};

TEST_F(JournalTest, EveryEventComesBackWhole) {
  auto journal = JournalWriter::open(path_, 3);
  ASSERT_TRUE(journal.ok());
  for (int i = 0; i <= static_cast<int>(Event::kEnd); ++i) {
    JournalEntry entry;
    entry.event = static_cast<Event>(i);
    entry.step = 7;
    entry.seq = 9;
    entry.survives = "process,power";
    entry.contents = "full";
    entry.detail = "a \"quoted\"\nline";
    entry.loss = 0.1;
    entry.in_flight = false;
    entry.digests[Role::kRng] = {.high = 1, .low = 2};
    journal.value().append(entry);
  }
  const auto read = read_journal(path_);
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read.value().entries.size(), 10U);
  const JournalEntry& last = read.value().entries.back();
  EXPECT_EQ(last.event, Event::kEnd);
  EXPECT_EQ(last.rank, 3U);
  EXPECT_EQ(last.seq, 9U);
  EXPECT_EQ(last.pid, ::getpid());
  EXPECT_GT(last.t_ns, 0);
  EXPECT_EQ(last.detail, "a \"quoted\"\nline");
  EXPECT_EQ(last.loss, 0.1);
  EXPECT_EQ(last.in_flight, false);
  EXPECT_EQ(last.digests.at(Role::kRng).low, 2U);
}

TEST_F(JournalTest, ATornLastLineIsSkippedWithAWarning) {
  JournalEntry entry;
  add_text(format_entry(entry) + "{\"event\":\"dura");
  const auto read = read_journal(path_);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value().entries.size(), 1U);
  EXPECT_EQ(read.value().torn_tail, "{\"event\":\"dura");
}

TEST_F(JournalTest, DamageInTheMiddleIsAnErrorWithItsLine) {
  const std::string line = format_entry({});
  for (const char* damage : {"{\"event\":\"dura\n", "{\"event\":\"durable\",\"stepp\":1}\n",
                             "{\"event\":\"finished\"}\n", "[]\n", "\n"}) {
    std::filesystem::remove(path_);
    add_text(line + damage + line);
    const auto read = read_journal(path_);
    ASSERT_FALSE(read.ok()) << damage;
    EXPECT_THAT(read.error().message, HasSubstr("line 2"));
  }
  EXPECT_THAT(read_journal(folder_ + "/none").error().message, HasSubstr("none"));
}

// As journals of earlier builds are.
TEST_F(JournalTest, ARequestMayLeaveOutWhetherASaveIsInFlight) {
  EXPECT_EQ(parse_entry("{\"event\":\"requested\"}").value().in_flight, std::nullopt);
  JournalEntry entry;
  EXPECT_EQ(format_entry(entry).find("in_flight"), std::string::npos);
  for (const bool in_flight : {false, true}) {
    entry.in_flight = in_flight;
    EXPECT_EQ(parse_entry(format_entry(entry)).value().in_flight, in_flight);
  }
}

// A diverged run says so in its journal, and the journal stays readable.
TEST_F(JournalTest, ALossThatIsNoNumberComesBackAsNan) {
  JournalEntry entry;
  entry.event = Event::kStep;
  for (const double loss : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    entry.loss = loss;
    const auto read = parse_entry(format_entry(entry));
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_TRUE(read.value().loss.has_value());
    EXPECT_TRUE(std::isnan(*read.value().loss));
  }
}

TEST_F(JournalTest, AValueThatWouldBeUnderstoodOtherwiseIsRefused) {
  for (const char* fields :
       {"\"step\":-1", "\"step\":1.5", "\"step\":1e300", "\"step\":18446744073709551616",
        "\"step\":true", "\"pid\":1e300", "\"pid\":9223372036854775808", "\"keeps\":[1,-1]",
        "\"drops\":[0.5]", "\"keeps\":7", "\"event\":\"\"", "\"digests\":null", "\"digests\":[]",
        "\"loss\":\"1\"", "\"survives\":1", "\"in_flight\":0", "\"in_flight\":null"}) {
    const auto read = parse_entry(fmt::format("{{{}}}", fields));
    EXPECT_FALSE(read.ok()) << fields;
  }
}

TEST_F(JournalTest, AnErrorIsOneLine) {
  for (const char* line : {"{\"a\\nb\\u001b[2J\":1}", "{\"event\":\"a\\nb\"}",
                           "{\"digests\":{\"a\\nb\":\"\"}}", "\x1b", "{\"a\nb\":1}"}) {
    const auto read = parse_entry(line);
    ASSERT_FALSE(read.ok()) << line;
    EXPECT_EQ(read.error().message, one_line(read.error().message));
  }
}

TEST_F(JournalTest, TwoWritersOfOneFileOverwriteNothing) {
  auto first = JournalWriter::open(path_, 0);
  auto second = JournalWriter::open(path_, 1);
  ASSERT_TRUE(first.ok() && second.ok());
  for (int i = 0; i < 3; ++i) {
    first.value().append({});
    second.value().append({});
  }
  const auto read = read_journal(path_);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().entries.size(), 6U);
}

TEST_F(JournalTest, AnEntryThatCannotBeWrittenEndsTheJob) {
  auto journal = JournalWriter::open("/dev/full", 0);
  ASSERT_TRUE(journal.ok()) << journal.error().message;
  EXPECT_THROW(journal.value().append({}), ExitError);
}

TEST_F(JournalTest, AForkedWriterAddsWholeLines) {
  auto journal = JournalWriter::open(path_, 0);
  ASSERT_TRUE(journal.ok());
  const pid_t child = ::fork();
  for (int i = 0; i < 200; ++i) {
    JournalEntry entry;
    entry.event = Event::kCaptured;
    journal.value().append(entry);
  }
  if (child == 0) ::_exit(0);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  const auto read = read_journal(path_);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().entries.size(), 400U);
}

}  // namespace
}  // namespace ckptbench
