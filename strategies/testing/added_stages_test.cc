// What docs/design.md says about adding a stage: an encoder, a store and a capture that nothing
// else in the project knows are composed by a spec's text, with nothing but their rows in the list
// given to the parser.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "strategies/capture/capture.h"
#include "strategies/encode/codec.h"
#include "strategies/format/manifest.h"
#include "strategies/format/names.h"
#include "strategies/pipeline/composition.h"
#include "strategies/stages.h"
#include "strategies/store/store.h"
#include "strategies/testing/contract_samples.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;

// Every byte XOR a key.
class XorCodec : public Codec {
 public:
  std::optional<std::span<const std::byte>> encode(DType, std::span<const std::byte> in) override {
    return flipped(in);
  }
  Result<std::span<const std::byte>> decode(DType, std::span<const std::byte> in,
                                            uint64_t) override {
    return flipped(in);
  }

 private:
  std::span<const std::byte> flipped(std::span<const std::byte> in) {
    buffer_.assign(in.begin(), in.end());
    for (std::byte& byte : buffer_) byte ^= std::byte{0x5a};
    return buffer_;
  }
  std::vector<std::byte> buffer_;
};

StageRow xor_stage() {
  return {.name = "xor",
          .summary = "every byte XOR 0x5a",
          .make = MakeCodec([](const Params&) { return std::unique_ptr<Codec>(new XorCodec); })};
}

// Checkpoints in memory, gone with the strategy.
class MemoryStore : public Store {
 public:
  using Files = std::map<std::string, std::vector<std::byte>>;

  Result<std::unique_ptr<WriteSet>> begin(uint64_t seq, uint64_t) override {
    return std::unique_ptr<WriteSet>(new MemorySet(*this, seq));
  }
  Result<std::vector<uint64_t>> list() override {
    std::vector<uint64_t> seqs;
    for (const auto& [seq, files] : checkpoints_) seqs.insert(seqs.begin(), seq);
    return seqs;
  }
  IoResult<std::vector<std::byte>> get(uint64_t seq) override {
    return checkpoints_.at(seq).at("manifest");
  }
  IoStatus read(uint64_t seq, const std::string& file, uint64_t offset,
                std::span<std::byte> bytes) override {
    const std::vector<std::byte>& from = checkpoints_.at(seq).at(file);
    if (offset + bytes.size() > from.size()) return damage_error(file + ": too short");
    std::memcpy(bytes.data(), from.data() + offset, bytes.size());
    return {};
  }
  Status drop(uint64_t seq, std::span<const std::string>) override {
    checkpoints_.erase(seq);
    return {};
  }

 private:
  class MemorySet : public WriteSet {
   public:
    MemorySet(MemoryStore& store, uint64_t seq) : store_(store), seq_(seq) {}
    Status write(const std::string& file, uint64_t offset,
                 std::span<const std::byte> bytes) override {
      const std::lock_guard lock(mutex_);
      std::vector<std::byte>& to = files_[file];
      to.resize(std::max<uint64_t>(to.size(), offset + bytes.size()));
      std::memcpy(to.data() + offset, bytes.data(), bytes.size());
      return {};
    }
    Status sync() override { return {}; }
    Status commit(std::span<const std::byte> manifest) override {
      files_["manifest"] = {manifest.begin(), manifest.end()};
      store_.checkpoints_[seq_] = std::move(files_);
      return {};
    }

   private:
    MemoryStore& store_;
    uint64_t seq_;
    std::mutex mutex_;
    Files files_;
  };

  std::map<uint64_t, Files> checkpoints_;
};

StageRow memory_stage() {
  return {.name = "memory",
          .summary = "in memory, gone with the strategy",
          .survives = [](const Params&) { return Survives{}; },
          .make = MakeStore([](const StrategyContext&, const Params&) {
            return Result<std::unique_ptr<Store>>(std::unique_ptr<Store>(new MemoryStore));
          })};
}

// A capture that hands on the live tensors, as the blocking one, and names its threads.
class ThreadedCapture : public Capture {
 public:
  Result<Captured> prepare(const std::vector<TensorView>& tensors, const Layout&) override {
    return Captured{.tensors = tensors, .image = nullptr};
  }
  Result<Captured> take(const std::vector<TensorView>& tensors, const Layout& layout) override {
    return prepare(tensors, layout);
  }
};

StageRow threaded_stage() {
  return {
      .name = "threaded",
      .summary = "as blocking, with a parameter that counts threads",
      .params = {whole_param("snapshot_threads", "0", "0: three", 0, 64)},
      .threads = [](const Params& params) -> ParamText {
        return {{"snapshot_threads", std::to_string(threads_of(params, "snapshot_threads", 3))}};
      },
      .make = MakeCapture([](const StrategyContext&, const Params&) {
        return std::unique_ptr<Capture>(new ThreadedCapture);
      })};
}

class AddedStages : public ::testing::Test {
 protected:
  AddedStages() {
    rows.push_back(xor_stage());
    rows.push_back(memory_stage());
    rows.push_back(threaded_stage());
  }

  std::unique_ptr<Strategy> open(const std::string& text, const std::vector<StageRow>& known,
                                 const ParamText& given = {{"chunk_bytes", "65536"}}) {
    const Result<Spec> spec = parse_spec(text, known);
    if (!spec) return fail(spec.error());
    const Result<Params> params = Params::make(text, composed_params(spec.value()), given);
    if (!params) return fail(params.error());
    auto made = make_composed(spec.value(), params.value(),
                              {*device, comm, observer, trace, directory.path(), "run"});
    return made ? std::move(made).value() : fail(made.error());
  }

  std::set<std::string> encodings_of(uint64_t seq) const {
    const auto text = read_file(directory.path() + "/" + stored_name(seq, kManifestSuffix));
    const auto manifest = decode_manifest(std::as_bytes(std::span(text.value())));
    std::set<std::string> encodings;
    for (const ManifestTensor& tensor : manifest.value().tensors) {
      for (const ManifestChunk& chunk : tensor.chunks) encodings.insert(chunk.encoding);
    }
    return encodings;
  }

  static std::unique_ptr<Strategy> fail(const Error& error) {
    ADD_FAILURE() << error.message;
    return nullptr;
  }

  std::vector<StageRow> rows = native_stages();
  TempDir directory = TempDir::make("ckptbench-added").value();
  std::unique_ptr<Device> device = make_cpu_device();
  SoloComm comm;
  RecordingObserver observer;
  Trace trace;
};

TEST_F(AddedStages, AnEncoderIsSavedWithAndRestoredWith) {
  uint64_t seq = 0;
  for (const auto& [text, encoding] : std::map<std::string, std::string>{
           {"blocking+xor@dir", "xor"}, {"staged+dedup+planes+zstd+xor@dir", "planes+zstd+xor"}}) {
    const auto state = adversarial_state(1);
    const Digest saved = state->digest();
    ASSERT_EQ(words(save_and_wait(*open(text, rows), *state, 7)), "durable") << text;
    state->fill(2);
    EXPECT_EQ(words(open(text, rows)->restore(state->view(), {}, nullptr)), "restored 7") << text;
    EXPECT_EQ(state->digest(), saved) << text;
    const std::set<std::string> encodings = encodings_of(++seq);
    EXPECT_TRUE(encodings.contains(encoding)) << text;
    EXPECT_FALSE(encodings.contains("raw")) << "a step that does not shrink is not left out";
  }
}

TEST_F(AddedStages, ACapturesThreadsAreNamedByTheNumberThatStandsForThem) {
  const Spec spec = parse_spec("threaded@dir", rows).value();
  const auto used = [&](const ParamText& given) {
    const Params params = Params::make("test", composed_params(spec), given).value();
    return composed_used_params(spec, params, 1).at("snapshot_threads");
  };
  EXPECT_EQ(used({}), "3");
  EXPECT_EQ(used({{"snapshot_threads", "7"}}), "7");
}

TEST_F(AddedStages, AReaderWhoseListLacksTheEncoderRefuses) {
  const auto state = small_state(1);
  ASSERT_EQ(words(save_and_wait(*open("blocking+xor@dir", rows), *state, 7)), "durable");
  const std::vector<StageRow> native = native_stages();
  EXPECT_THAT(words(open("blocking@dir", native)->restore(state->view(), {}, nullptr)),
              HasSubstr("unknown encoding 'xor', expected raw or a chain of planes"));
}

TEST_F(AddedStages, AStoreIsSavedToAndRestoredFrom) {
  const auto state = adversarial_state(1);
  const Digest saved = state->digest();
  const auto strategy = open("staged+xor@memory", rows);
  ASSERT_EQ(words(save_and_wait(*strategy, *state, 7)), "durable");
  state->fill(2);
  EXPECT_EQ(words(strategy->restore(state->view(), {}, nullptr)), "restored 7");
  EXPECT_EQ(state->digest(), saved);
  EXPECT_THAT(observer.lines(), ::testing::ElementsAre("captured 7", "durable 7 seq 1 "));
  EXPECT_TRUE(list_files(directory.path()).value().empty());
}

}  // namespace
}  // namespace ckptbench
