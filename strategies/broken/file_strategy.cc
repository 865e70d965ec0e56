#include "strategies/broken/file_strategy.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "harness/platform/file.h"
#include "strategies/broken/file_ops.h"

namespace ckptbench {
namespace {

constexpr std::string_view kStem = "checkpoint-";
constexpr std::string_view kSuffix = ".bin";
constexpr uint64_t kMaxImageBytes = 1ULL << 40;

bool nothing(Role) {
  return false;
}

uint64_t seq_in_name(const std::string& name) {
  uint64_t seq = 0;
  if (name.starts_with(kStem)) {
    std::from_chars(name.data() + kStem.size(), name.data() + name.size(), seq);
  }
  return seq;
}

}  // namespace

FileStrategy::FileStrategy(const StrategyContext& context) : context_(context) {}

FileStrategy::LeavesOut FileStrategy::leaves_out() const {
  return nothing;
}

std::string FileStrategy::file_name(uint64_t seq) const {
  return fmt::format("{}{}{}", kStem, seq, kSuffix);
}

Status FileStrategy::publish(const Image& image) {
  const std::string target = path(file_name(image.seq()));
  const std::string temporary = target + ".tmp";
  {
    Result<PieceFile> file = PieceFile::create(temporary);
    if (!file) return file.error();
    if (Status sized = file.value().resize(0); !sized) return sized;
    if (Status written = file.value().write(image.bytes()); !written) return written;
    if (Status synced = file.value().sync(); !synced) return synced;
  }
  if (Status renamed = rename_file(temporary, target); !renamed) return renamed;
  return sync_directory(context_.directory);
}

Status FileStrategy::publish_in_place(const Image& image) {
  Result<PieceFile> file = PieceFile::create(path(file_name(image.seq())));
  if (!file) return file.error();
  if (Status written = file.value().write(image.bytes()); !written) return written;
  return file.value().sync();
}

Image FileStrategy::layout(const StateView& state, const SaveRequest& request) {
  if (last_seq_ == 0) {
    const std::vector<Found> found = files();
    last_seq_ = found.empty() ? 0 : found.front().seq;
  }
  std::vector<TensorView> stored;
  for (const TensorView& view : state.tensors) {
    const bool wanted = request.contents == Contents::kFull || is_weight(view.role);
    if (wanted && !view.alias_of && !leaves_out()(view.role)) stored.push_back(view);
  }
  return Image(chosen(std::move(stored)), ++last_seq_, request);
}

SaveOutcome FileStrategy::commit(const Image& image) {
  const uint64_t step = image.request().step;
  if (const Status published = publish(image); !published) {
    context_.observer.failed(step, published.error().message);
    return Failed{published.error().message};
  }
  context_.observer.durable(step, image.seq(), kProcessAndPower);
  return Durable{kProcessAndPower};
}

Ticket FileStrategy::record(SaveOutcome outcome) {
  outcomes_.push_back(std::move(outcome));
  return Ticket{outcomes_.size()};
}

Ticket FileStrategy::save(const StateView& state, const SaveRequest& request) {
  Image image = layout(state, request);
  for (size_t i = 0; i < image.tensors().size(); ++i) image.capture(i, context_.device);
  image.seal();
  context_.observer.captured(request.step);
  return record(commit(image));
}

SaveOutcome FileStrategy::wait(Ticket ticket, std::chrono::steady_clock::time_point) {
  return outcome(ticket);
}

std::vector<FileStrategy::Found> FileStrategy::files() const {
  std::vector<Found> found;
  for (const auto& entry : std::filesystem::directory_iterator(context_.directory)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("checkpoint") || !name.ends_with(kSuffix)) continue;
    uint64_t seq = seq_in_name(name);
    if (seq == 0) {
      Result<std::vector<std::byte>> bytes = read_bytes(entry.path().string(), kMaxImageBytes);
      if (!bytes) continue;
      const Result<LoadedImage> image = decode_image(std::move(bytes).value(), verifies());
      if (image) seq = image.value().info.seq;
    }
    found.push_back({entry.path().string(), seq});
  }
  std::sort(found.begin(), found.end(),
            [](const Found& a, const Found& b) { return a.seq > b.seq; });
  return found;
}

std::vector<CheckpointInfo> FileStrategy::list() {
  std::vector<CheckpointInfo> infos;
  for (const Found& file : files()) {
    Result<std::vector<std::byte>> bytes = read_bytes(file.path, kMaxImageBytes);
    if (!bytes) continue;
    const Result<LoadedImage> image = decode_image(std::move(bytes).value(), verifies());
    if (image) infos.push_back(image.value().info);
  }
  return infos;
}

RestoreOutcome FileStrategy::restore(StateView& state, const Want& want, Replay*) {
  std::vector<std::string> passed_over;
  for (const Found& file : files()) {
    Result<std::vector<std::byte>> bytes = read_bytes(file.path, kMaxImageBytes);
    if (!bytes) return Refused{bytes.error().message};
    const Result<LoadedImage> image = decode_image(std::move(bytes).value(), verifies());
    if (!image) {
      passed_over.push_back(file.path + ": " + image.error().message);
      continue;
    }
    const CheckpointInfo& info = image.value().info;
    if (want.seq && info.seq != *want.seq) continue;
    if (!want.seq && !want.partial && info.contents == Contents::kWeights) continue;
    RestoreOutcome outcome = copy_image(image.value(), state, want, leaves_out(), context_.device);
    if (Restored* restored = std::get_if<Restored>(&outcome)) restored->passed_over = passed_over;
    return outcome;
  }
  if (want.seq) return Refused{fmt::format("no valid checkpoint has seq {}", *want.seq)};
  if (passed_over.empty()) return Nothing{};
  return Refused{fmt::format("{}; nothing older", passed_over.front())};
}

Status FileStrategy::retain(std::span<const uint64_t> seqs) {
  for (const CheckpointInfo& info : list()) {
    if (std::find(seqs.begin(), seqs.end(), info.seq) != seqs.end()) continue;
    const std::string file = path(file_name(info.seq));
    if (!std::filesystem::exists(file)) continue;
    context_.observer.retired(info.step, info.seq);
    if (Status removed = remove_file(file); !removed) return removed;
  }
  return {};
}

}  // namespace ckptbench
