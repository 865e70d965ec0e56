// SIGKILL of a process that saves in a loop, at seeded moments; a fresh strategy then recovers what
// was reported durable, or something newer, bit by bit.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "harness/core/sanitized.h"
#include "strategies/testing/contract_samples.h"

namespace ckptbench {
namespace {

using ::testing::StartsWith;

const ParamText kKillChunks{{"chunk_bytes", "16384"}};

// Tells the parent through a pipe which steps are durable.
class PipeObserver : public Observer {
 public:
  explicit PipeObserver(int fd) : fd_(fd) {}
  void captured(uint64_t) override {}
  void durable(uint64_t step, uint64_t, Survives) override {
    if (::write(fd_, &step, sizeof step) != sizeof step) ::_exit(9);
  }
  void failed(uint64_t, const std::string&) override { ::_exit(8); }
  void retired(uint64_t, uint64_t) override {}

 private:
  int fd_;
};

// Saves steps 1, 2, … with the state filled from the step, keeping two, until it is killed.
[[noreturn]] void save_forever(const std::string& name, const std::string& directory, int fd,
                               uint64_t first_step) {
  const auto device = make_cpu_device();
  SoloComm comm;
  Trace trace;
  PipeObserver observer(fd);
  auto strategy = make_native({.name = name, .params = kKillChunks},
                              {*device, comm, observer, trace, directory, "killed"});
  if (!strategy) ::_exit(7);
  const auto state = adversarial_state(1);
  for (uint64_t step = first_step;; ++step) {
    state->fill(step);
    strategy.value()->save(state->view(),
                           {.step = step, .contents = Contents::kFull, .metric = {}});
    const auto listed = strategy.value()->list();
    if (listed.size() < 2) continue;
    const std::vector<uint64_t> keep{listed[0].seq, listed[1].seq};
    if (!strategy.value()->retain(keep)) ::_exit(6);
  }
}

class Kill : public ::testing::TestWithParam<std::string> {};

constexpr int kTrials = kSanitized ? 3 : 8;

TEST_P(Kill, RecoversAtLeastWhatWasDurable) {
  ContractBench bench;
  const auto state = adversarial_state(0);
  Prng prng(5);
  uint64_t last_step = 0;
  uint64_t durable_trials = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    int fds[2];
    ASSERT_EQ(::pipe2(fds, O_CLOEXEC), 0);
    const pid_t child = ::fork();
    if (child == 0) save_forever(GetParam(), bench.directory(), fds[1], last_step + 1);
    ::close(fds[1]);
    // The moment of the kill: a while after the n-th durable save, not after a span of time alone.
    uint64_t durable = last_step;
    for (uint64_t n = prng.below(4); n > 0; --n) {
      ASSERT_EQ(::read(fds[0], &durable, sizeof durable), ssize_t{sizeof durable});
    }
    ::usleep(static_cast<useconds_t>(prng.below(20'000)));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
    uint64_t step = 0;
    while (::read(fds[0], &step, sizeof step) == sizeof step) durable = step;
    ::close(fds[0]);
    durable_trials += durable > last_step ? 1 : 0;
    const auto strategy = bench.open(GetParam(), kKillChunks);
    ASSERT_NE(strategy, nullptr);
    const RestoreOutcome outcome = strategy->restore(state->view(), {}, nullptr);
    if (durable == 0 && std::holds_alternative<Nothing>(outcome)) continue;
    const auto* restored = std::get_if<Restored>(&outcome);
    ASSERT_NE(restored, nullptr) << words(outcome);
    EXPECT_GE(restored->step, durable);
    EXPECT_TRUE(restored->passed_over.empty());
    const auto expected = adversarial_state(0);
    expected->fill(restored->step);
    EXPECT_EQ(state->digest(), expected->digest()) << "step " << restored->step;
    last_step = restored->step;
  }
  EXPECT_GT(durable_trials, 0u);
}

INSTANTIATE_TEST_SUITE_P(Native, Kill, ::testing::ValuesIn(keeping_compositions()),
                         [](const auto& info) { return test_name(info.param); });

// A file size limit makes every write of the data file fail, in a child because it cannot be undone
// for good; the limit is lifted again for the later success.
class WriteFailure : public ::testing::TestWithParam<std::string> {};

int fail_then_succeed(const std::string& name, const std::string& directory) {
  ::signal(SIGXFSZ, SIG_IGN);
  const auto device = make_cpu_device();
  SoloComm comm;
  Trace trace;
  RecordingObserver observer;
  auto strategy = make_native({.name = name, .params = kKillChunks},
                              {*device, comm, observer, trace, directory, "limited"});
  if (!strategy) return 1;
  const auto state = adversarial_state(1);
  if (words(save_and_wait(*strategy.value(), *state, 1)) != "durable") return 2;
  const auto count_files = [&] {
    return std::distance(std::filesystem::directory_iterator(directory), {});
  };
  const auto files_before = count_files();
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit tight{.rlim_cur = 20'000, .rlim_max = limit.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &tight);
  state->fill(2);
  const SaveOutcome failed = save_and_wait(*strategy.value(), *state, 2);
  ::setrlimit(RLIMIT_FSIZE, &limit);
  if (!std::holds_alternative<Failed>(failed)) return 3;
  if (count_files() != files_before) return 4;
  if (observer.lines().back() != "failed 2") return 5;
  state->fill(3);
  const Digest third = state->digest();
  if (words(save_and_wait(*strategy.value(), *state, 3)) != "durable") return 6;
  state->fill(4);
  if (words(strategy.value()->restore(state->view(), {}, nullptr)) != "restored 3") return 7;
  return state->digest() == third ? 0 : 8;
}

TEST_P(WriteFailure, IsAFailedSaveAndTheNextOneWorks) {
  ContractBench bench;
  const pid_t child = ::fork();
  if (child == 0) ::_exit(fail_then_succeed(GetParam(), bench.directory()));
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0) << "see the numbered returns of fail_then_succeed";
}

INSTANTIATE_TEST_SUITE_P(Native, WriteFailure, ::testing::ValuesIn(keeping_compositions()),
                         [](const auto& info) { return test_name(info.param); });

}  // namespace
}  // namespace ckptbench
