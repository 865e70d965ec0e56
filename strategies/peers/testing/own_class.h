// For tests of peers: a user's own Python class in a file of its own, and outcomes as words.
// One thread.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <variant>

#include "strategies/peers/peer_list.h"
#include "strategies/testing/sample_state.h"

namespace ckptbench {

inline std::unique_ptr<Strategy> make(const Selection& selection, StrategyBench& bench) {
  auto made = make_peer(selection, bench.context());
  if (!made) throw std::runtime_error(made.error().message);
  return std::move(made).value();
}

inline Want newest() {
  return {.seq = {}};
}

inline std::string reason(const RestoreOutcome& outcome) {
  if (const Refused* refused = std::get_if<Refused>(&outcome)) return refused->reason;
  return std::holds_alternative<Nothing>(outcome) ? "(nothing)" : "(restored)";
}

inline std::string reason(const SaveOutcome& outcome) {
  if (const Failed* failed = std::get_if<Failed>(&outcome)) return failed->reason;
  return outcome.index() == 0 ? "(pending)" : "(not failed)";
}

class OwnClass : public testing::Test {
 protected:
  // The name of the class Mine in a new file of this text.
  std::string write(const std::string& text) {
    const std::string path = files_.directory() / ("own" + std::to_string(++count_) + ".py");
    std::ofstream(path) << text;
    return "python:" + path + ":Mine";
  }
  std::unique_ptr<Strategy> open(const std::string& name) { return make({name, {}}, bench_); }

  StrategyBench bench_;
  StrategyBench files_;
  SampleState state_{1};

 private:
  int count_ = 0;
};

}  // namespace ckptbench
