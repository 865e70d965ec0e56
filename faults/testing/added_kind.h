// A fault kind that nothing in the project knows, for the tests that add one: at each save it
// writes its evidence, and does no harm.
#pragma once

#include <unistd.h>

#include "faults/fault_kinds.h"
#include "harness/core/json_text.h"

namespace ckptbench {

class Whisper : public ArmedFault {
 public:
  Whisper(std::string word, int log_fd) : word_(std::move(word)), log_fd_(log_fd) {}
  void save_requested() override {
    const std::string line = R"({"fault":"none","kind":"whisper","word":")" + word_ + "\"}\n";
    if (::write(log_fd_, line.data(), line.size()) < 0) throw std::runtime_error("the log");
  }

 private:
  std::string word_;
  int log_fd_;
};

inline FaultKind added_kind() {
  FaultKind kind;
  kind.name = "whisper";
  kind.suite_key = "whispers";
  kind.summary = "a word at each save";
  kind.column = "a whisper";
  kind.fault_class = FaultClass::kNone;
  kind.keys = {{.name = "words", .type = FaultKey::Type::kWords, .words = {"hush", "psst"}}};
  kind.params = {{"word", ParamType::kText, "", "what is said"}};
  kind.plan = [](const FaultGroup& group, const PlanSite&) {
    std::vector<NamedFault> out;
    for (const std::string& word : group.texts("words")) {
      out.push_back({"whisper-" + word, {"whisper", {{"word", word}}}});
    }
    return out;
  };
  kind.describe = [](const Params& params) { return "whisper '" + params.text("word") + "'"; };
  kind.resolve = [](Fault& fault, const Params& params, const UndisturbedFacts& undisturbed) {
    if (params.text("word").empty())
      fault.params["word"] = std::to_string(undisturbed.saves) + " saves";
    return std::optional<Unmet>();
  };
  kind.arm = [](const Params& params, const ArmSite& site) {
    return std::unique_ptr<ArmedFault>(new Whisper(params.text("word"), site.log_fd));
  };
  kind.point_of = [](const nlohmann::json& line) {
    return "whispered " + line.at("word").get<std::string>();
  };
  return kind;
}

inline FaultKinds kinds_with_added() {
  std::vector<FaultKind> rows = fault_kinds().rows();
  rows.push_back(added_kind());
  return FaultKinds(std::move(rows));
}

}  // namespace ckptbench
