#include "strategies/broken/image.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "harness/core/digest.h"
#include "harness/core/json_text.h"
#include "harness/platform/device.h"

namespace ckptbench {
namespace {

constexpr std::string_view kMagic = "CKPTIMG1";
constexpr size_t kPrefixBytes = 16;
constexpr size_t kDigestBytes = 16;

void copy_bytes(std::byte* to, const std::byte* from, uint64_t bytes, MemoryKind memory,
                bool to_host, Device& device) {
  if (memory != MemoryKind::kCuda) {
    if (bytes > 0) std::memcpy(to, from, bytes);
    return;
  }
  const auto stream = device.make_stream();
  stream->wait_for_training();
  to_host ? stream->to_host(to, from, bytes) : stream->to_device(to, from, bytes);
  stream->wait();
}

std::string header_of(const std::vector<TensorView>& tensors, uint64_t seq,
                      const SaveRequest& request) {
  nlohmann::json header{{"seq", seq},
                        {"step", request.step},
                        {"weights_only", request.contents == Contents::kWeights},
                        {"tensors", nlohmann::json::array()}};
  for (const TensorView& view : tensors) {
    header["tensors"].push_back({{"name", view.name},
                                 {"dtype", dtype_name(view.dtype)},
                                 {"shape", view.shape},
                                 {"bytes", view.bytes}});
  }
  return json_text(header);
}

LoadedImage parse(std::vector<std::byte> file, size_t header_bytes) {
  LoadedImage image;
  image.file = std::move(file);
  const char* text = reinterpret_cast<const char*>(image.file.data()) + kPrefixBytes;
  const nlohmann::json header = parse_json({text, header_bytes});
  image.info.seq = header.at("seq");
  image.info.step = header.at("step");
  if (header.at("weights_only").get<bool>()) image.info.contents = Contents::kWeights;
  std::span<const std::byte> rest = image.file;
  rest = rest.subspan(kPrefixBytes + header_bytes);
  rest = rest.first(rest.size() - kDigestBytes);
  for (const nlohmann::json& row : header.at("tensors")) {
    const uint64_t bytes = row.at("bytes");
    if (bytes > rest.size()) throw std::runtime_error("a tensor ends beyond the file");
    image.tensors.push_back({row.at("name"),
                             parse_dtype(row.at("dtype").get<std::string>()).value(),
                             row.at("shape"), rest.first(bytes)});
    rest = rest.subspan(bytes);
  }
  if (!rest.empty()) throw std::runtime_error("bytes beyond the last tensor");
  return image;
}

}  // namespace

Image::Image(std::vector<TensorView> tensors, uint64_t seq, const SaveRequest& request)
    : tensors_(std::move(tensors)), seq_(seq), request_(request) {
  const std::string header = header_of(tensors_, seq, request);
  const uint64_t header_bytes = header.size();
  data_begin_ = kPrefixBytes + header_bytes;
  uint64_t end = data_begin_;
  for (const TensorView& view : tensors_) {
    offsets_.push_back(end);
    end += view.bytes;
  }
  bytes_.resize(end + kDigestBytes);
  std::memcpy(bytes_.data(), kMagic.data(), kMagic.size());
  std::memcpy(bytes_.data() + kMagic.size(), &header_bytes, sizeof header_bytes);
  std::memcpy(bytes_.data() + kPrefixBytes, header.data(), header.size());
}

void Image::capture(size_t index, Device& device) {
  const TensorView& view = tensors_.at(index);
  copy_bytes(bytes_.data() + offsets_[index], view.data, view.bytes, view.memory, true, device);
}

void Image::seal() {
  const size_t covered = bytes_.size() - kDigestBytes;
  const Digest digest = digest_of(std::span(bytes_).first(covered));
  std::memcpy(bytes_.data() + covered, &digest, kDigestBytes);
}

Result<LoadedImage> decode_image(std::vector<std::byte> file, bool verify) {
  if (file.size() < kPrefixBytes + kDigestBytes) {
    return Error{fmt::format("truncated: {} bytes", file.size())};
  }
  if (std::memcmp(file.data(), kMagic.data(), kMagic.size()) != 0) return Error{"no such format"};
  uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, file.data() + kMagic.size(), sizeof header_bytes);
  if (header_bytes > file.size() - kPrefixBytes - kDigestBytes) {
    return Error{
        fmt::format("truncated: {} bytes, its header alone has {}", file.size(), header_bytes)};
  }
  const size_t covered = file.size() - kDigestBytes;
  const Digest digest = digest_of(std::span(file).first(covered));
  if (verify && std::memcmp(file.data() + covered, &digest, kDigestBytes) != 0) {
    return Error{"the digest does not match the bytes"};
  }
  try {
    return parse(std::move(file), header_bytes);
  } catch (const std::exception& error) {
    return Error{fmt::format("malformed: {}", error.what())};
  }
}

RestoreOutcome copy_image(const LoadedImage& image, StateView& state, const Want& want,
                          bool (*leaves_out)(Role), Device& device) {
  Restored restored;
  restored.seq = image.info.seq;
  restored.step = image.info.step;
  std::vector<std::pair<const LoadedImage::Tensor*, const TensorView*>> pairs;
  for (const LoadedImage::Tensor& tensor : image.tensors) {
    const TensorView* view = state.find(tensor.name);
    if (view == nullptr) {
      restored.unexpected.push_back(tensor.name);
    } else if (view->dtype != tensor.dtype || view->shape != tensor.shape ||
               view->bytes != tensor.bytes.size()) {
      return Refused{fmt::format("'{}' has another dtype or shape in the checkpoint", tensor.name)};
    } else {
      pairs.emplace_back(&tensor, view);
    }
  }
  for (const TensorView& view : state.tensors) {
    const bool stored = std::any_of(pairs.begin(), pairs.end(),
                                    [&](const auto& pair) { return pair.second == &view; });
    if (!stored && !view.alias_of && !leaves_out(view.role)) restored.missing.push_back(view.name);
  }
  if (!want.partial && !(restored.missing.empty() && restored.unexpected.empty())) {
    return Refused{fmt::format("missing in the checkpoint: [{}]; unexpected: [{}]",
                               fmt::join(restored.missing, ", "),
                               fmt::join(restored.unexpected, ", "))};
  }
  for (const auto& [tensor, view] : pairs) {
    copy_bytes(view->data, tensor->bytes.data(), view->bytes, view->memory, false, device);
  }
  return restored;
}

}  // namespace ckptbench
