// Calls that find no memory, or no thread: of a save's allocations each is refused once, of other
// calls' many.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <new>

#include "harness/core/sanitized.h"
#include "strategies/testing/contract_samples.h"

namespace {

// Of the whole program, as operator new is: how many allocations are left until one is refused; 0
// and less: none is.
constinit std::atomic<int64_t> allocations_left = 0;

bool is_refused() {
  return allocations_left.load(std::memory_order_relaxed) > 0 && allocations_left.fetch_sub(1) == 1;
}

}  // namespace

// All forms but those with an alignment: a sanitizer brings each of them, and no mixture may be
// left.
void* operator new(size_t bytes, const std::nothrow_t&) noexcept {
  return is_refused() ? nullptr : std::malloc(bytes > 0 ? bytes : 1);
}
void* operator new(size_t bytes) {
  void* const memory = operator new(bytes, std::nothrow);
  if (!memory) throw std::bad_alloc();
  return memory;
}
void* operator new[](size_t bytes, const std::nothrow_t&) noexcept {
  return operator new(bytes, std::nothrow);
}
void* operator new[](size_t bytes) {
  return operator new(bytes);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t /*bytes*/) noexcept {
  std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, size_t /*bytes*/) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}

namespace ckptbench {
namespace {

// Allocates nothing itself.
class DecisionObserver : public Observer {
 public:
  void captured(uint64_t) override {}
  void durable(uint64_t, uint64_t, Survives) override { decide(); }
  void failed(uint64_t, const std::string&) override { decide(); }
  void retired(uint64_t, uint64_t) override {}
  // Since the last call.
  bool wait_until_decided() {
    std::unique_lock lock(mutex_);
    const bool decided = changed_.wait_for(lock, std::chrono::minutes(1), [&] { return decided_; });
    decided_ = false;
    return decided;
  }

 private:
  void decide() {
    const std::lock_guard lock(mutex_);
    decided_ = true;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool decided_ = false;
};

constexpr int64_t kAllocationStride = kSanitized ? 23 : 1;

class NoMemory : public ::testing::TestWithParam<std::string> {
 protected:
  // The allocation with this number is refused; 0: none. `outcome`: in words, or the exception.
  // False: the save had no such allocation.
  bool save(uint64_t step, int64_t refused, std::string& outcome) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    state_->fill(step);
    Ticket ticket;
    allocations_left = refused;
    try {
      ticket = strategy_->save(state_->view(), {.step = step, .metric = {}});
      if (!observer_.wait_until_decided()) ADD_FAILURE() << "the observer was told nothing";
    } catch (const std::exception& error) {
      allocations_left = 0;
      outcome = error.what();
      return true;
    }
    const bool fired = allocations_left.exchange(0) <= 0;
    outcome = words(strategy_->wait(ticket, until));
    return fired;
  }
  std::string restored() {
    state_->fill(0);
    return words(strategy_->restore(state_->view(), {}, nullptr));
  }

  const TempDir folder_ = std::move(TempDir::make("ckptbench-no-memory")).value();
  const std::unique_ptr<Device> device_ = make_cpu_device();
  SoloComm comm_;
  Trace trace_;
  DecisionObserver observer_;
  const std::unique_ptr<Strategy> strategy_ =
      make_native({.name = GetParam(),
                   .params = params_of(GetParam(), {{"chunk_bytes", "4096"}, {"fsync", "false"}})},
                  {*device_, comm_, observer_, trace_, folder_.path(), "run"})
          .value();
  const std::unique_ptr<ContractState> state_ = small_state(1);
};

TEST_P(NoMemory, FailsTheSaveAndNoMore) {
  std::string outcome;
  uint64_t step = 1;
  int64_t refused = 1;
  do {
    const std::vector<uint64_t> before = seqs_of(strategy_->list());
    const bool met = save(step, refused, outcome);
    const std::vector<uint64_t> after = seqs_of(strategy_->list());
    if (!met) break;
    SCOPED_TRACE(refused);
    if (outcome == "durable") {
      EXPECT_EQ(after.size(), before.size() + 1);
    } else {
      EXPECT_THAT(outcome, ::testing::HasSubstr("no memory"));
      EXPECT_EQ(after, before);
    }
    save(step + 1, 0, outcome);
    ASSERT_EQ(outcome, "durable");
    ASSERT_EQ(restored(), "restored " + std::to_string(step + 1));
    const std::vector<uint64_t> newest{seqs_of(strategy_->list()).front()};
    ASSERT_TRUE(strategy_->retain(newest));
    ASSERT_TRUE(strategy_->drain());
    step += 2;
    refused += kAllocationStride;
  } while (!HasFailure());
  EXPECT_EQ(outcome, "durable");
  EXPECT_GT(refused, 50);
}

TEST_P(NoMemory, FailsThePreparationAndNoMore) {
  int failures = 0;
  for (int64_t refused = 1; allocations_left == 0; ++refused) {
    allocations_left = refused;
    const Status prepared = strategy_->prepare(state_->view());
    if (!prepared) ++failures;
  }
  allocations_left = 0;
  EXPECT_GT(failures, 5);
  std::string outcome;
  save(1, 0, outcome);
  EXPECT_EQ(outcome, "durable");
  EXPECT_EQ(restored(), "restored 1");
}

// Refuses an allocation of a call, then a later one, until it has no such; `after` follows each
// call, with all memory there is.
void refuse_each(int64_t stride, const std::function<void()>& call,
                 const std::function<void()>& after) {
  bool met = true;
  for (int64_t refused = 1; met && !::testing::Test::HasFailure(); refused += stride) {
    allocations_left = refused;
    EXPECT_NO_THROW(call()) << refused;
    met = allocations_left.exchange(0) <= 0;
    after();
  }
}

TEST_P(NoMemory, FailsTheRetentionAndNoMore) {
  std::string outcome;
  uint64_t step = 0;
  std::vector<uint64_t> newest;
  const auto save_some = [&] {
    for (int i = 0; i < 2; ++i) save(++step, 0, outcome);
    ASSERT_EQ(outcome, "durable");
    newest = {seqs_of(strategy_->list()).front()};
  };
  int failures = 0;
  save_some();
  refuse_each(
      kSanitized ? kAllocationStride : 7,
      [&] {
        const bool retained = strategy_->retain(newest).ok();
        const bool drained = strategy_->drain().ok();
        if (!retained || !drained) ++failures;
      },
      [&] {
        save_some();
        EXPECT_TRUE(strategy_->retain(newest));
        EXPECT_TRUE(strategy_->drain());
        EXPECT_EQ(seqs_of(strategy_->list()), newest) << "a request that failed keeps nothing";
        EXPECT_EQ(list_files(folder_.path()).value().size(), 3u) << "lease, record and data";
        save_some();
      });
  EXPECT_GT(failures, kSanitized ? 1 : 10);
}

// An older checkpoint would silently undo training.
TEST_P(NoMemory, FailsTheListAndTheRestoreAndNoMore) {
  constexpr int64_t kStride = kSanitized ? kAllocationStride : 7;  // most are met with a pause
  std::string outcome;
  for (const uint64_t step : {1, 2}) save(step, 0, outcome);
  RestoreOutcome restored_as;
  int failures = 0;
  refuse_each(
      kStride, [&] { restored_as = strategy_->restore(state_->view(), {}, nullptr); },
      [&] {
        if (words(restored_as) == "restored 2") return;
        EXPECT_THAT(words(restored_as), ::testing::AllOf(::testing::StartsWith("refused: "),
                                                         ::testing::HasSubstr("no memory")));
        ++failures;
      });
  EXPECT_GT(failures, kSanitized ? 0 : 3);
  EXPECT_EQ(restored(), "restored 2");
  std::vector<CheckpointInfo> listed;
  refuse_each(
      kStride, [&] { listed = strategy_->list(); }, [&] { EXPECT_LE(listed.size(), 2u); });
  EXPECT_EQ(strategy_->list().size(), 2u);
}

// Of stacks as large as this no machine has room for one.
void without_threads(const std::function<void()>& call) {
  pthread_attr_t usual;
  pthread_attr_t vast;
  ASSERT_EQ(pthread_getattr_default_np(&usual), 0);
  ASSERT_EQ(pthread_attr_init(&vast), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&vast, uint64_t{1} << 47), 0);
  ASSERT_EQ(pthread_setattr_default_np(&vast), 0);
  EXPECT_NO_THROW(call());
  ASSERT_EQ(pthread_setattr_default_np(&usual), 0);
}

TEST_P(NoMemory, ARequestForWhichThereIsNoThreadKeepsNothing) {
  std::string outcome;
  for (const uint64_t step : {1, 2, 3}) save(step, 0, outcome);
  Status retained;
  without_threads([&] { retained = strategy_->retain(std::vector<uint64_t>{1}); });
  ASSERT_FALSE(retained);
  EXPECT_THAT(retained.error().message, ::testing::HasSubstr("no thread to delete"));
  ASSERT_TRUE(strategy_->retain(std::vector<uint64_t>{3}));
  ASSERT_TRUE(strategy_->drain());
  EXPECT_THAT(seqs_of(strategy_->list()), ::testing::ElementsAre(3));
}

TEST_P(NoMemory, IsThereForNoThread) {
  std::string outcome;
  without_threads([&] { save(1, 0, outcome); });
  // Without a background thread it needs none.
  EXPECT_THAT(outcome, ::testing::AnyOf("durable", ::testing::HasSubstr("no thread to save")));
  save(2, 0, outcome);
  EXPECT_EQ(outcome, "durable");
  EXPECT_EQ(restored(), "restored 2");
}

INSTANTIATE_TEST_SUITE_P(Native, NoMemory, ::testing::ValuesIn(keeping_compositions()),
                         [](const auto& info) { return test_name(info.param); });

}  // namespace
}  // namespace ckptbench
