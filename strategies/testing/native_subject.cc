#include "strategies/testing/native_subject.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "harness/platform/files.h"
#include "strategies/format/manifest.h"
#include "strategies/format/names.h"
#include "strategies/registry.h"
#include "strategies/testing/contract_samples.h"

namespace ckptbench {
namespace {

struct Records {
  std::set<std::pair<uint64_t, std::string>> files;  // that some record needs
  uint64_t unreadable = 0;                           // the highest such record
};

void read_record(const std::string& path, uint64_t seq, Records& records) {
  const auto text = read_file(path);
  const auto manifest = text ? decode_manifest(std::as_bytes(std::span(text.value())))
                             : Result<Manifest>(text.error());
  if (!manifest) {
    records.unreadable = std::max(records.unreadable, seq);
    return;
  }
  for (const ManifestTensor& tensor : manifest.value().tensors) {
    for (const ManifestChunk& chunk : tensor.chunks) {
      records.files.emplace(chunk.owner_seq, chunk.file);
    }
  }
}

bool has_stage(const std::string& name, const std::string& stage) {
  return composition_of(name).value().find("+" + stage + "+") != std::string::npos;
}

}  // namespace

std::vector<std::string> native_leftovers(const std::string& directory) {
  std::vector<std::string> left;
  std::vector<StoredName> data;
  Records records;
  std::set<uint64_t> seqs;
  for (const std::string& file : list_files(directory).value()) {
    const std::optional<StoredName> name = parse_stored_name(file);
    if (file == "LEASE") continue;
    if (!name || name->temporary) {
      left.push_back(file);
    } else if (name->file == kManifestSuffix) {
      seqs.insert(name->seq);
      read_record(directory + "/" + file, name->seq, records);
    } else {
      data.push_back(*name);
    }
  }
  for (const StoredName& name : data) {
    const bool needed = seqs.contains(name.seq) || name.seq <= records.unreadable ||
                        records.files.contains({name.seq, name.file});
    if (!needed) left.push_back(stored_name(name.seq, name.file));
  }
  return left;
}

SequenceSubject native_subject(const std::string& name) {
  const Result<StrategyInfo> info = find_native({name, {}});
  if (!info) throw std::runtime_error(info.error().message);
  return {.name = name,
          .open =
              [name](const StrategyContext& context, const ParamText& params) {
                return make_native({.name = name, .params = params}, context);
              },
          .params = info.value().params,
          .may_skip =
              [name](const ParamText& params) {
                return find_native({.name = name, .params = params}).value().may_skip;
              },
          .shares = has_stage(name, "dedup"),
          .leftovers = native_leftovers,
          .seq_of_file = [](const std::string& file) -> std::optional<uint64_t> {
            const std::optional<StoredName> stored = parse_stored_name(file);
            return stored && !stored->temporary ? std::optional(stored->seq) : std::nullopt;
          }};
}

}  // namespace ckptbench
