// What a save announces to its store before it writes: never more than it then writes, or the disk
// would hold room that is cut off again. Over every encoding of the list.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "strategies/pipeline/composition.h"
#include "strategies/stages.h"
#include "strategies/testing/contract_samples.h"
#include "strategies/testing/forwarding_store.h"

namespace ckptbench {
namespace {

struct Announced {
  uint64_t expected_bytes = 0;
  uint64_t written_bytes = 0;
};

// Of the saves since the last clear(): a store's row makes it by a plain function.
std::vector<Announced>& announced() {
  static std::vector<Announced> saves;
  return saves;
}

class WatchedSet : public WriteSet {
 public:
  WatchedSet(std::unique_ptr<WriteSet> inner, uint64_t expected_bytes)
      : inner_(std::move(inner)), expected_bytes_(expected_bytes) {}
  Status write(const std::string& file, uint64_t offset,
               std::span<const std::byte> bytes) override {
    {
      const std::lock_guard lock(mutex_);
      ends_[file] = std::max(ends_[file], offset + bytes.size());
    }
    return inner_->write(file, offset, bytes);
  }
  Status sync() override { return inner_->sync(); }
  Status commit(std::span<const std::byte> manifest) override {
    Announced save{.expected_bytes = expected_bytes_};
    for (const auto& [file, end] : ends_) save.written_bytes += end;
    announced().push_back(save);
    return inner_->commit(manifest);
  }
  bool lacked_room() const override { return inner_->lacked_room(); }

 private:
  std::unique_ptr<WriteSet> inner_;
  const uint64_t expected_bytes_;
  std::mutex mutex_;
  std::map<std::string, uint64_t> ends_;
};

class WatchedStore : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  Result<std::unique_ptr<WriteSet>> begin(uint64_t seq, uint64_t expected_bytes) override {
    auto set = ForwardingStore::begin(seq, expected_bytes);
    if (!set) return set.error();
    return std::unique_ptr<WriteSet>(new WatchedSet(std::move(set).value(), expected_bytes));
  }
};

StageRow dir_row() {
  const std::vector<StageRow>& rows = native_stages();
  return *std::find_if(rows.begin(), rows.end(),
                       [](const StageRow& row) { return row.name == "dir"; });
}

StageRow watched_row() {
  StageRow row = dir_row();
  row.name = "watched";
  row.is_default = false;
  row.make = MakeStore([](const StrategyContext& context, const Params& params) {
    auto store = std::get<MakeStore>(dir_row().make)(context, params);
    if (!store) return store;
    return Result<std::unique_ptr<Store>>(std::make_unique<WatchedStore>(std::move(store).value()));
  });
  return row;
}

class ExpectedBytes : public ::testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Strategy> open(const ParamText& given) {
    std::string text = composition_of(GetParam()).value();
    text = text.substr(0, text.find('@')) + "@watched";
    spec_ = parse_spec(text, rows_).value();
    const Params params = Params::make(text, composed_params(spec_), given).value();
    return make_composed(spec_, params,
                         {*device_, comm_, observer_, trace_, directory_.path(), "run"})
        .value();
  }

 private:
  std::vector<StageRow> rows_ = [] {
    std::vector<StageRow> rows = native_stages();
    rows.push_back(watched_row());
    return rows;
  }();
  Spec spec_;
  TempDir directory_ = TempDir::make("ckptbench-expected").value();
  std::unique_ptr<Device> device_ = make_cpu_device();
  SoloComm comm_;
  RecordingObserver observer_;
  Trace trace_;
};

// The same state twice, of which a store of differences writes nothing, then another one.
TEST_P(ExpectedBytes, AreNeverMoreThanWhatIsWritten) {
  announced().clear();
  const auto strategy = open({{"chunk_bytes", "4096"}});
  const auto state = adversarial_state(1);
  for (uint64_t step = 1; step <= 3; ++step) {
    if (step == 3) state->fill(2);
    ASSERT_EQ(words(save_and_wait(*strategy, *state, step)), "durable");
  }
  ASSERT_EQ(announced().size(), 3u);
  for (const Announced& save : announced()) {
    EXPECT_LE(save.expected_bytes, save.written_bytes);
  }
}

std::vector<std::string> every_encoding() {
  std::vector<std::string> all = keeping_compositions();
  for (const std::string& sample : composed_samples()) {
    if (std::find(all.begin(), all.end(), sample) == all.end()) all.push_back(sample);
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Native, ExpectedBytes, ::testing::ValuesIn(every_encoding()),
                         [](const auto& info) { return test_name(info.param); });

}  // namespace
}  // namespace ckptbench
