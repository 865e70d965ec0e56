#include "faults/fault_log.h"

#include <fmt/format.h>

#include <fstream>

#include "faults/fault_kinds.h"
#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

using nlohmann::json;

void add_fault(const json& line, const FaultKinds& kinds, FaultEvidence& evidence) {
  const auto name = line.at("kind").get<std::string>();
  const FaultKind* kind = kinds.find(name);
  if (kind == nullptr || kind->point_of == nullptr) {
    throw std::runtime_error(fmt::format("unknown kind of fault '{}'", name));
  }
  const auto fault = line.at("fault").get<std::string>();
  if (fault != fault_class_name(kind->fault_class)) {
    throw std::runtime_error(fmt::format("unknown fault '{}' of the kind {}", fault, name));
  }
  evidence.point = kind->point_of(line);
  evidence.fired = true;
}

void add_line(const std::string& text, const FaultKinds& kinds, FaultEvidence& evidence) {
  const json line = parse_json(text);
  if (line.contains("fault")) return add_fault(line, kinds, evidence);
  if (line.contains("mapped")) {
    evidence.mapped.push_back(line.at("mapped").get<std::string>());
    return;
  }
  if (line.contains("unseen")) {
    evidence.unseen.push_back(line.at("unseen").get<std::string>());
    return;
  }
  if (line.contains("stamp")) {
    const json& stamp = line.at("stamp");
    evidence.stamps.push_back({stamp.at("device").get<uint64_t>(),
                               stamp.at("inode").get<uint64_t>(),
                               static_cast<int64_t>(stamp.at("changed_ns").get<uint64_t>()),
                               stamp.at("bytes").get<uint64_t>()});
    return;
  }
  evidence.stamps.clear();  // an operation after them: they are no longer the last word
  evidence.operations.push_back(
      {line.at("op").get<std::string>(), line.at("path").get<std::string>(), line.value("to", ""),
       line.at("occurrence").get<uint64_t>(), line.value("bytes", uint64_t{0}),
       line.value("direct", false), line.value("reserves", false)});
}

}  // namespace

Result<FaultEvidence> read_fault_log(const std::string& path, const FaultKinds& kinds) {
  FaultEvidence evidence;
  std::ifstream file(path, std::ios::binary);
  if (!file) return evidence;
  uint64_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (file.eof()) break;  // no newline: the process died inside its last write
    try {
      add_line(line, kinds, evidence);
    } catch (const std::exception& error) {
      return Error{fmt::format("fault log {}, line {}: {}", path, number, error.what())};
    }
  }
  return evidence;
}

Result<FaultEvidence> read_fault_log(const std::string& path) {
  return read_fault_log(path, fault_kinds());
}

}  // namespace ckptbench
