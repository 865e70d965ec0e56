// A child commits and drops checkpoints in a loop and is killed at seeded moments; the parent looks
// at what is left. Kills only: the page cache survives them, so this says nothing of fsync.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "harness/core/prng.h"
#include "harness/core/sanitized.h"
#include "harness/platform/clock.h"
#include "harness/platform/testing/temp_directory.h"
#include "strategies/format/names.h"
#include "strategies/store/dir_store.h"
#include "strategies/testing/store_samples.h"

namespace ckptbench {
namespace {

constexpr int kTrials = kSanitized ? 40 : 150;
constexpr int kMostTrials = 20 * kTrials;

const std::vector<std::string> kBase = {"r0000.base"};

void drop_all_but_newest(Store& store) {
  const auto seqs = store.list();
  if (!seqs) _exit(7);
  for (size_t i = 1; i < seqs.value().size(); ++i) {
    if (!store.drop(seqs.value()[i], kBase)) _exit(5);
  }
}

// Each checkpoint needs a file of its predecessor; at most two are kept. Reports every commit.
[[noreturn]] void commit_forever(const std::string& directory, uint64_t first_seq, int acks) {
  auto store = DirStore::open({.directory = directory, .run_id = "child"});
  if (!store) _exit(2);
  for (uint64_t seq = first_seq;; ++seq) {
    const SampleFiles files = {{"r0000.base", random_bytes(3000, seq)},
                               {"r0000.safetensors", random_bytes(200'000, seq)}};
    std::vector<std::pair<uint64_t, std::string>> refers_to;
    if (seq > 1) refers_to.emplace_back(seq - 1, "r0000.base");
    if (commit_checkpoint(*store.value(), seq, files, refers_to) != "") _exit(3);
    if (write(acks, &seq, sizeof(seq)) != sizeof(seq)) _exit(4);
    drop_all_but_newest(*store.value());
    if (seq > 2 && !store.value()->drop(seq - 2, {})) _exit(6);
  }
}

struct Trial {
  uint64_t last_acknowledged = 0;
  int wait_status = 0;
};

int64_t read_ack(int acks, uint64_t& seq) {
  EXPECT_EQ(read(acks, &seq, sizeof(seq)), static_cast<ssize_t>(sizeof(seq)));
  return now_ns();
}

// Kills after `share` of the time that one save takes.
Trial run_and_kill(const std::string& directory, uint64_t first_seq, double share) {
  std::array<int, 2> acks{};
  EXPECT_EQ(pipe2(acks.data(), O_CLOEXEC), 0);
  const pid_t child = fork();
  if (child == 0) commit_forever(directory, first_seq, acks[1]);
  close(acks[1]);
  Trial trial;
  uint64_t seq = 0;
  // The gap between two acknowledgements is the clock, so that slow machines and slow builds are
  // killed at work too.
  const int64_t first_ns = read_ack(acks[0], seq);
  const int64_t gap_ns = read_ack(acks[0], seq) - first_ns;
  trial.last_acknowledged = seq;
  const auto delay_ns = static_cast<int64_t>(share * static_cast<double>(gap_ns));
  const timespec delay{.tv_sec = delay_ns / 1'000'000'000, .tv_nsec = delay_ns % 1'000'000'000};
  nanosleep(&delay, nullptr);
  kill(child, SIGKILL);
  waitpid(child, &trial.wait_status, 0);
  while (read(acks[0], &seq, sizeof(seq)) == sizeof(seq)) trial.last_acknowledged = seq;
  close(acks[0]);
  return trial;
}

// Opens as asked, expects every listed checkpoint to be whole, and returns their numbers.
std::vector<uint64_t> whole_checkpoints(const std::string& directory, bool writer) {
  auto store = DirStore::open({.directory = directory, .run_id = "parent", .writer = writer});
  EXPECT_TRUE(store) << store.error().message;
  const auto seqs = store.value()->list();
  EXPECT_TRUE(seqs) << seqs.error().message;
  for (const uint64_t seq : seqs.value()) {
    EXPECT_EQ(check_checkpoint(*store.value(), seq), "") << seq;
  }
  return seqs.value();
}

// Files of saves that had begun and were not committed.
uint64_t unfinished_files(const std::string& directory, uint64_t newest) {
  const std::vector<std::string> entries = directory_entries(directory).value();
  return std::count_if(entries.begin(), entries.end(), [&](const std::string& entry) {
    const auto name = parse_stored_name(entry);
    return name && (name->temporary || name->seq > newest);
  });
}

// Files that no listed checkpoint owns or needs.
std::vector<std::string> unneeded_files(const std::string& directory,
                                        const std::vector<uint64_t>& seqs) {
  const auto is_listed = [&](uint64_t seq) {
    return std::find(seqs.begin(), seqs.end(), seq) != seqs.end();
  };
  std::vector<std::string> entries = directory_entries(directory).value();
  std::erase_if(entries, [&](const std::string& entry) {
    const auto name = parse_stored_name(entry);
    if (!name) return entry == "LEASE";
    return !name->temporary &&
           (is_listed(name->seq) || (name->file == "r0000.base" && is_listed(name->seq + 1)));
  });
  return entries;
}

TEST(DirStoreCrash, KillsNeverLoseWhatWasAcknowledged) {
  const TempDirectory directory;
  Prng prng(424242);
  uint64_t seq = 1;
  uint64_t trials_with_leftovers = 0;
  // On a busy machine many kills meet no save: some more, until one has.
  const auto goes_on = [&](int i) {
    return i < kTrials || (trials_with_leftovers == 0 && i < kMostTrials);
  };
  for (int i = 0; goes_on(i) && !HasFailure(); ++i) {
    const Trial trial = run_and_kill(directory.path(), seq, 1.5 * prng.uniform());
    ASSERT_TRUE(WIFSIGNALED(trial.wait_status)) << "exit " << WEXITSTATUS(trial.wait_status);
    const std::vector<uint64_t> found = whole_checkpoints(directory.path(), false);
    ASSERT_THAT(found, testing::Contains(trial.last_acknowledged));
    trials_with_leftovers += unfinished_files(directory.path(), found[0]) > 0;
    EXPECT_EQ(whole_checkpoints(directory.path(), true), found) << "the clean-up took too much";
    EXPECT_THAT(unneeded_files(directory.path(), found), testing::IsEmpty());
    seq = found[0] + 1;
  }
  // Otherwise no kill has met a save, and nothing above was tested.
  EXPECT_GT(trials_with_leftovers, 0u);
}

}  // namespace
}  // namespace ckptbench
