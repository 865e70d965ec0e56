// Typed parameters of a workload, strategy or stage. Defaults live once, in the ParamInfo rows;
// `list`, validation and the report are printed from them. Values travel as text (cells, suites)
// and are checked against the rows before anything runs.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/error.h"

namespace ckptbench {

enum class ParamType { kBool, kInteger, kReal, kText, kChoice };

struct ParamInfo {
  std::string name;
  ParamType type = ParamType::kText;
  std::string default_value;
  std::string help;                       // with the unit
  std::vector<std::string> choices = {};  // kChoice only
  double minimum = -1e300;                // numbers only, inclusive
  double maximum = 1e300;
};

using ParamText = std::map<std::string, std::string>;

class Params {
 public:
  // Fills defaults and checks names, types, ranges and choices. `owner` names the thing in errors.
  static Result<Params> make(std::string_view owner, const std::vector<ParamInfo>& rows,
                             const ParamText& given);

  // REQUIRES of all: the name is one of the rows and has that type.
  bool boolean(const std::string& name) const;
  int64_t integer(const std::string& name) const;
  double real(const std::string& name) const;
  const std::string& text(const std::string& name) const;
  const ParamText& values() const { return values_; }  // all, defaults included

 private:
  ParamText values_;
};

void to_json(nlohmann::json& out, const ParamInfo& info);
void from_json(const nlohmann::json& in, ParamInfo& info);

}  // namespace ckptbench
