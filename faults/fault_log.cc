// The reading side of the injectors' log; the format stands in faults/rule.h.
#include <fmt/format.h>

#include <fstream>

#include "faults/rule.h"
#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

using nlohmann::json;

std::string point_of(const json& line) {
  if (line.contains("phase")) {
    return fmt::format("{} phase {} #{}", line.at("edge").get<std::string>(),
                       line.at("phase").get<std::string>(), line.at("occurrence").get<uint64_t>());
  }
  if (line.contains("moment_ns")) {
    return fmt::format("moment +{:.1f} ms", line.at("moment_ns").get<double>() / 1e6);
  }
  return fmt::format("{} {} {} #{} (operation {})", line.at("when").get<std::string>(),
                     line.at("op").get<std::string>(), line.at("path").get<std::string>(),
                     line.at("occurrence").get<uint64_t>(), line.at("n").get<uint64_t>());
}

void add_fault(const json& line, FaultEvidence& evidence) {
  const auto fault = line.at("fault").get<std::string>();
  if (fault == "disarmed") {
    evidence.fired = false;
    evidence.point.clear();
    return;
  }
  if (fault != "kill") throw std::runtime_error(fmt::format("unknown fault '{}'", fault));
  evidence.point = point_of(line);
  evidence.fired = true;
}

void add_line(const std::string& text, FaultEvidence& evidence) {
  const json line = parse_json(text);
  if (line.contains("fault")) return add_fault(line, evidence);
  ++evidence.by_operation[line.at("op").get<std::string>()];
  ++evidence.operations;
}

}  // namespace

Result<FaultEvidence> read_fault_log(const std::string& path) {
  FaultEvidence evidence;
  std::ifstream file(path, std::ios::binary);
  if (!file) return evidence;
  uint64_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (file.eof()) break;  // no newline: the process died inside its last write
    try {
      add_line(line, evidence);
    } catch (const std::exception& error) {
      return Error{fmt::format("fault log {}, line {}: {}", path, number, error.what())};
    }
  }
  return evidence;
}

}  // namespace ckptbench
