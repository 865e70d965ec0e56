// For the tests of this folder: runs a real program beneath the preload library in a fresh folder.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "faults/api/preload_library.h"
#include "faults/fault_log.h"
#include "faults/file_op/rule.h"
#include "harness/core/json_text.h"
#include "harness/platform/files.h"
#include "harness/platform/process.h"

namespace ckptbench {

class ProbeRun : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(root_); }

  // Empties the folder and the log, then runs the command armed by the environment.
  ExitStatus run(std::vector<std::string> argv, const std::string& rule) {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directory(root_);
    std::filesystem::remove(log_);
    return run_again(std::move(argv), rule);
  }
  ExitStatus run_again(std::vector<std::string> argv, const std::string& rule) {
    SpawnOptions options;
    options.argv = std::move(argv);
    options.environment = preload_environment();
    options.environment.push_back("CKPTFAULT_RULE=" + rule);
    options.environment.push_back("CKPTFAULT_ROOT=" + root_);
    options.environment.push_back("CKPTFAULT_LOG=" + log_);
    return finish(options);
  }
  std::vector<std::string> preload_environment() const {
    return {"LD_PRELOAD=" + ld_preload(CKPT_FAULT_LIBRARY)};
  }
  ExitStatus finish(const SpawnOptions& options) {
    auto process = Process::spawn(options);
    EXPECT_TRUE(process.ok()) << process.error().message;
    EXPECT_EQ(process.value().wait(Until::seconds(60)), WaitEnd::kReady);
    return process.value().status().value_or(ExitStatus{});
  }

  // All but the stamps of files at the end.
  std::vector<nlohmann::json> log_lines(const std::string& path) const {
    std::vector<nlohmann::json> lines;
    std::ifstream file(path);
    for (std::string text; std::getline(file, text);) {
      nlohmann::json line = parse_json(text);
      if (!line.contains("stamp")) lines.push_back(std::move(line));
    }
    return lines;
  }
  FaultEvidence evidence() const { return read_fault_log(log_).value(); }

  TempDir folder_ = TempDir::make("ckptfault").value();
  std::string root_ = folder_.path() + "/root";
  std::string log_ = folder_.path() + "/faults.jsonl";
};

}  // namespace ckptbench
