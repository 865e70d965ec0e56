// A whole checkpoint directory of hostile files, manifests among them whose checksums are right: it
// is listed and restored, read-only and by a writer, and then saved into. A restore writes nothing
// beside its tensors, fills every byte that it does not report, and with bytes that the manifest
// vouches for; reading alone changes no file; a save that is durable is the newest and comes back,
// also after retention and reopening.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <set>

#include "fuzz/file_archive.h"
#include "fuzz/fuzz_folder.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/guarded_state.h"
#include "fuzz/json_mutation.h"
#include "fuzz/manifest_seal.h"
#include "fuzz/seed_files.h"
#include "harness/platform/comm.h"
#include "harness/platform/device.h"
#include "harness/platform/trace.h"
#include "strategies/format/names.h"
#include "strategies/registry.h"

namespace ckptbench {
namespace {

constexpr uint64_t kMaxStateBytes = 1 << 20;
constexpr uint64_t kMaxRestores = 4;
constexpr uint64_t kSavedStep = 4711;
constexpr std::array<const char*, 6> kStrategies{
    "blocking+raw@dir", "blocking+planes+zstd@dir", "blocking+dedup@dir",
    "incremental",      "blocking+dedup+zstd@dir",  "async"};

// Checks the words of failed saves.
class ReasonChecker : public Observer {
 public:
  void captured(uint64_t /*step*/) override {}
  void durable(uint64_t /*step*/, uint64_t /*seq*/, Survives /*survives*/) override {}
  void failed(uint64_t /*step*/, const std::string& reason) override { must_be_one_line(reason); }
  void retired(uint64_t /*step*/, uint64_t /*seq*/) override {}
};

class Opener {
 public:
  Opener(const FileArchive& archive, std::string directory)
      : archive_(archive), directory_(std::move(directory)) {}

  Result<std::unique_ptr<Strategy>> open(bool read_only) {
    const ParamText params{{"chunk_bytes", "4096"},
                           {"writers", "1"},
                           {"fsync", "false"},
                           {"direct", archive_.direct ? "true" : "false"}};
    const Selection selection{kStrategies[archive_.strategy % kStrategies.size()], params};
    return make_native(selection, {.device = *device_,
                                   .comm = comm_,
                                   .observer = observer_,
                                   .trace = trace_,
                                   .directory = directory_,
                                   .run_id = "fuzz",
                                   .read_only = read_only});
  }

 private:
  const FileArchive& archive_;
  const std::string directory_;
  std::unique_ptr<Device> device_ = make_cpu_device();
  SoloComm comm_;
  ReasonChecker observer_;
  Trace trace_;
};

void check_list(const std::vector<CheckpointInfo>& checkpoints) {
  for (size_t i = 0; i < checkpoints.size(); ++i) {
    must_hold(checkpoints[i].seq >= 1 && checkpoints[i].seq <= kMaxSeq, "a listed number");
    must_hold(i == 0 || checkpoints[i].seq < checkpoints[i - 1].seq, "the order of the list");
  }
}

// What the manifest on disk says of every tensor that was filled.
void check_vouched(const FuzzFolder& folder, const Restored& restored, const StateView& state) {
  const Result<Manifest> manifest = folder.manifest(restored.seq);
  must_hold(manifest.ok(), "restored from a record that cannot be decoded");
  must_hold(manifest.value().step == restored.step, "restored another step");
  std::set<std::pair<std::string_view, uint64_t>> seen;
  for (const ManifestTensor& from : manifest.value().tensors) {
    // A name of several ranks: the first one counts.
    if (!seen.insert({from.name, 0}).second) continue;
    const TensorView* const to = state.find(from.name);
    if (to == nullptr) continue;
    must_hold(from.bytes == to->bytes && from.dtype == to->dtype, "filled from another size");
    for (const ManifestChunk& chunk : from.chunks) {
      const std::span<const std::byte> bytes(to->data + chunk.begin, chunk.raw_bytes);
      must_hold(digest_of(bytes) == chunk.digest, "restored bytes that nobody vouches for");
    }
  }
}

std::string said(const RestoreOutcome& outcome) {
  if (const auto* refused = std::get_if<Refused>(&outcome)) {
    must_be_one_line(refused->reason);
    return refused->reason;
  }
  const auto* const restored = std::get_if<Restored>(&outcome);
  if (restored == nullptr) return "nothing";
  for (const std::string& why : restored->passed_over) must_be_one_line(why);
  return fmt::format("restored {} of step {}", restored->seq, restored->step);
}

std::string check_restore(Strategy& strategy, const FuzzFolder& folder, GuardedState& state,
                          const Want& want) {
  const RestoreOutcome outcome = strategy.restore(state.view(), want, nullptr);
  state.check_guards();
  if (const auto* restored = std::get_if<Restored>(&outcome)) {
    must_hold(want.partial || restored->missing.empty(), "restored without a tensor");
    must_hold(!want.seq || *want.seq == restored->seq, "restored another one than asked for");
    check_vouched(folder, *restored, state.view());
  }
  return said(outcome);
}

// The same twice over different bytes: one that nobody wrote differs, unless it was reported.
void check_fills(Strategy& strategy, const FuzzFolder& folder, GuardedState& state) {
  state.fill(std::byte{0x5a});
  const std::string first = check_restore(strategy, folder, state, {});
  const std::vector<std::byte> bytes = state.content();
  state.fill(std::byte{0xc3});
  must_hold(first == check_restore(strategy, folder, state, {}), "two equal restores differ");
  must_hold(!first.starts_with("restored") || bytes == state.content(),
            "a byte that nobody filled");
}

void check_restores(Strategy& strategy, const FuzzFolder& folder, GuardedState& state,
                    bool partial) {
  const std::vector<CheckpointInfo> checkpoints = strategy.list();
  check_list(checkpoints);
  check_restore(strategy, folder, state, {.seq = std::nullopt, .partial = partial});
  for (size_t i = 0; i < std::min<size_t>(checkpoints.size(), kMaxRestores); ++i) {
    check_restore(strategy, folder, state, {.seq = checkpoints[i].seq, .partial = partial});
  }
}

// Saves, and says whether it is durable; a refusal has a reason.
bool check_save(Strategy& strategy, GuardedState& state) {
  state.fill_from(1);
  const Ticket ticket = strategy.save(state.view(), {.step = kSavedStep});
  const SaveOutcome outcome =
      strategy.wait(ticket, std::chrono::steady_clock::now() + std::chrono::minutes(1));
  if (const auto* failed = std::get_if<Failed>(&outcome)) must_be_one_line(failed->reason);
  if (const auto* skipped = std::get_if<Skipped>(&outcome)) must_be_one_line(skipped->reason);
  must_hold(!std::holds_alternative<Pending>(outcome), "a save is not decided after a minute");
  return std::holds_alternative<Durable>(outcome);
}

void check_comes_back(Strategy& strategy, const FuzzFolder& folder, GuardedState& state) {
  state.fill(std::byte{0x5a});
  const std::string outcome = check_restore(strategy, folder, state, {});
  must_hold(outcome.ends_with(fmt::format("of step {}", kSavedStep)),
            "a durable save does not come back: " + outcome);
  const std::vector<std::byte> restored = state.content();
  state.fill_from(1);
  must_hold(restored == state.content(), "a durable save comes back with other bytes");
}

void check_retention(Strategy& strategy, const FuzzFolder& folder, GuardedState& state) {
  const std::vector<CheckpointInfo> checkpoints = strategy.list();
  must_hold(!checkpoints.empty() && checkpoints.front().step == kSavedStep,
            "a durable save is not the newest");
  const std::array<uint64_t, 1> keep{checkpoints.front().seq};
  Status retained = strategy.retain(keep);
  if (retained) retained = strategy.drain();
  if (!retained) must_be_one_line(retained.error().message);
  check_comes_back(strategy, folder, state);
}

void check_writer(Opener& opener, const FuzzFolder& folder, GuardedState& state, bool partial) {
  {
    const auto strategy = opener.open(false);
    if (!strategy) return must_be_one_line(strategy.error().message);
    check_restores(*strategy.value(), folder, state, partial);
    check_fills(*strategy.value(), folder, state);
    if (!check_save(*strategy.value(), state)) return;
    check_comes_back(*strategy.value(), folder, state);
    check_retention(*strategy.value(), folder, state);
  }
  const auto strategy = opener.open(false);
  must_hold(strategy.ok(), "a directory cannot be opened after a save in it");
  check_comes_back(*strategy.value(), folder, state);
}

void check_reader(Opener& opener, const FuzzFolder& folder, GuardedState& state, bool partial) {
  const std::string before = folder.fingerprint();
  const auto strategy = opener.open(true);
  if (!strategy) return must_be_one_line(strategy.error().message);
  check_restores(*strategy.value(), folder, state, partial);
  check_restore(*strategy.value(), folder, state, {.seq = kMaxSeq - 7});
  must_hold(!check_save(*strategy.value(), state), "saved into what was opened for reading");
  must_hold(folder.fingerprint() == before, "reading has changed the directory");
}

void run(std::string_view input) {
  const FileArchive archive = read_archive(input);
  const FuzzFolder folder(archive);
  const std::unique_ptr<GuardedState> state = folder.state_like(kMaxStateBytes);
  Opener opener(archive, folder.path());
  check_reader(opener, folder, *state, archive.partial);
  check_writer(opener, folder, *state, archive.partial);
}

std::string some_name(const FileArchive& archive, Prng& random) {
  static constexpr std::array<std::string_view, 12> kEndings{"manifest",
                                                             "r0000.chunks",
                                                             "r0000.safetensors",
                                                             "manifest.tmp",
                                                             "r0000.chunks.tmp",
                                                             "r0001.chunks",
                                                             "a",
                                                             "",
                                                             "manifest.manifest",
                                                             "r0000.chunks.chunks",
                                                             ".hidden",
                                                             "x..y"};
  static constexpr std::array<std::string_view, 5> kOthers{"LEASE", "ckpt-1.manifest", "notes",
                                                           "ckpt-00000000.manifest", "ckpt-"};
  if (random.below(8) == 0) return std::string(kOthers[random.below(kOthers.size())]);
  uint64_t seq = 1 + random.below(4);
  if (random.below(16) == 0) seq = kMaxSeq - random.below(3) + 1;
  const auto known = parse_stored_name(archive.files[random.below(archive.files.size())].name);
  if (known && random.below(2) == 0) seq = known->seq + random.below(3);
  return stored_name(seq, kEndings[random.below(kEndings.size())]);
}

void change_file(ArchivedFile& file, Prng& random, const BlindMutation& blind) {
  const bool manifest = file.name.ends_with(kManifestSuffix);
  switch (random.below(manifest ? 3 : 8)) {
    case 0:
      file.sealed = !file.sealed || random.below(8) != 0;
      file.own_seq = random.below(2) == 0;
      file.own_chunks = random.below(8) != 0;
      break;
    case 1:
    case 2: {
      const std::string changed = mutate_json(manifest_body(file.content), random, blind);
      file.content = changed.empty() ? blind(file.content) : changed;
      break;
    }
    case 3:
      file.content.resize(random.below(file.content.size() + 1));
      break;
    default:
      file.content = blind(file.content);
  }
}

void change_files(FileArchive& archive, Prng& random, const BlindMutation& blind) {
  const size_t at = random.below(archive.files.size());
  ArchivedFile& file = archive.files[at];
  switch (random.below(12)) {
    case 0:
      file.name = some_name(archive, random);
      break;
    case 1:
      file.kind = static_cast<ArchivedKind>(random.below(kArchivedKinds));
      if (file.kind == ArchivedKind::kLink) file.content = some_name(archive, random);
      break;
    case 2: {
      ArchivedFile copy = file;
      copy.name = some_name(archive, random);
      copy.own_seq = true;
      archive.files.push_back(std::move(copy));
      break;
    }
    case 3:
      archive.files.erase(archive.files.begin() + static_cast<std::ptrdiff_t>(at));
      break;
    case 4:
      std::swap(file.content, archive.files[random.below(archive.files.size())].content);
      break;
    default:
      change_file(file, random, blind);
  }
}

std::string mutate(std::string_view input, Prng& random, const BlindMutation& blind) {
  FileArchive archive = read_archive(input);
  if (random.below(8) == 0)
    archive.strategy = static_cast<uint8_t>(random.below(kStrategies.size()));
  if (random.below(8) == 0) archive.like = static_cast<uint8_t>(random.below(4));
  if (random.below(16) == 0) archive.partial = !archive.partial;
  if (random.below(16) == 0) archive.direct = !archive.direct;
  if (random.below(16) == 0) archive.aliases = !archive.aliases;
  for (uint64_t changes = 1 + random.below(3); changes > 0 && !archive.files.empty(); --changes) {
    change_files(archive, random, blind);
  }
  return write_archive(archive);
}

std::vector<std::string> seeds() {
  std::vector<std::string> inputs{write_archive({})};
  for (const FolderContent& folder : golden_folders()) {
    FileArchive archive;
    for (const auto& [name, content] : folder) {
      ArchivedFile file;
      file.name = name;
      file.content =
          name.ends_with(kManifestSuffix) ? std::string(manifest_body(content)) : content;
      archive.files.push_back(std::move(file));
    }
    for (const uint8_t strategy : {0, 1, 2}) {
      archive.strategy = strategy;
      inputs.push_back(write_archive(archive));
    }
  }
  return inputs;
}

}  // namespace

FuzzTarget directory_fuzz() {
  return {.name = "directory", .run = run, .mutate = mutate, .seeds = seeds};
}

}  // namespace ckptbench
