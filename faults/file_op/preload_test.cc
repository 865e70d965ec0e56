#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <set>

#include "faults/file_op/preload/rule_words.h"
#include "faults/testing/probe_run.h"
#include "harness/platform/file.h"

namespace ckptbench {
namespace {

using testing::ElementsAre;

using PreloadTest = ProbeRun;

TEST_F(PreloadTest, WhatAJobHasChangedSoFarIsCounted) {
  EXPECT_EQ(run({CKPT_FAULT_PROBE, "note", root_}, "").exit_code, 0);
}

using Files = std::map<std::string, std::string>;

std::string operation_text(const nlohmann::json& line) {
  std::string text = line.at("op").get<std::string>() + " " + line.at("path").get<std::string>();
  if (line.contains("to")) text += " " + line.at("to").get<std::string>();
  return text;
}

Files files_in(const std::string& folder) {
  Files files;
  const auto names = list_files(folder);
  for (const std::string& name : names.value()) {
    files[name] = read_file(folder + "/" + name).value();
  }
  return files;
}

// The sweep: kill at N = 1, 2, … until a run ends by itself; what is left must be what the
// operations up to there have done, no more and no less.
struct Expected {
  std::string point;
  Files left;
};

class SweepTest : public ProbeRun {
 protected:
  void sweep(const std::string& operation, const std::string& when,
             const std::vector<Expected>& expected) {
    uint64_t n = 1;
    for (;; ++n) {
      const std::string rule = "kill " + operation + " * " + std::to_string(n) + " " + when;
      const ExitStatus status = run({CKPT_FAULT_PROBE, "commit", root_}, rule);
      if (status.exited) break;
      ASSERT_LE(n, expected.size());
      EXPECT_EQ(status.signal, SIGKILL);
      EXPECT_TRUE(evidence().fired);
      EXPECT_EQ(evidence().point, expected[n - 1].point);
      EXPECT_EQ(files_in(root_), expected[n - 1].left) << rule;
    }
    EXPECT_EQ(n, expected.size() + 1);
    EXPECT_FALSE(evidence().fired);
    EXPECT_EQ(evidence().operations.size(), 6u);
    EXPECT_EQ(files_in(root_), (Files{{"a", "12345678"}}));
  }
};

TEST_F(SweepTest, KillsBeforeEachOperation) {
  const Files open{{"a.tmp", ""}};
  const Files written{{"a.tmp", "12345678"}};
  sweep("any", "before",
        {{"before open a.tmp #1 (operation 1)", {}},
         {"before write a.tmp #1 (operation 2)", open},
         {"before fsync a.tmp #1 (operation 3)", written},
         {"before close a.tmp #1 (operation 4)", written},
         {"before rename a.tmp #1 (operation 5)", written},
         {"before fsync . #1 (operation 6)", {{"a", "12345678"}}}});
}

TEST_F(SweepTest, KillsAfterEachOperation) {
  const Files written{{"a.tmp", "12345678"}};
  const Files renamed{{"a", "12345678"}};
  sweep("any", "after",
        {{"after open a.tmp #1 (operation 1)", {{"a.tmp", ""}}},
         {"after write a.tmp #1 (operation 2)", written},
         {"after fsync a.tmp #1 (operation 3)", written},
         {"after close a.tmp #1 (operation 4)", written},
         {"after rename a.tmp #1 (operation 5)", renamed},
         {"after fsync . #1 (operation 6)", renamed}});
}

TEST_F(SweepTest, PartialHalvesWritesAndMatchesNothingElse) {
  sweep("any", "partial", {{"partial write a.tmp #1 (operation 2)", {{"a.tmp", "1234"}}}});
}

TEST_F(PreloadTest, LogNamesEveryOperationOnce) {
  run({CKPT_FAULT_PROBE, "commit", root_}, "");
  std::vector<std::string> texts;
  uint64_t n = 0;
  for (const auto& line : log_lines(log_)) {
    texts.push_back(operation_text(line));
    EXPECT_EQ(line.at("n").get<uint64_t>(), ++n);
  }
  EXPECT_THAT(texts, ElementsAre("open a.tmp", "write a.tmp", "fsync a.tmp", "close a.tmp",
                                 "rename a.tmp a", "fsync ."));
}

TEST_F(PreloadTest, WritesPastThePageCacheAndReservedSpaceAreTold) {
  const auto file = File::open_direct(root_ + "/asked", O_WRONLY | O_CREAT, true);
  ASSERT_TRUE(file) << file.error().message;
  if (!file.value().direct()) GTEST_SKIP() << root_ << ": a file system without O_DIRECT";
  ASSERT_EQ(run({CKPT_FAULT_PROBE, "direct", root_}, "").exit_code, 0);
  std::vector<std::string> seen;
  for (const FileOperation& operation : evidence().operations) {
    if (operation.op != "write" && operation.op != "truncate") {
      EXPECT_FALSE(operation.direct || operation.reserves) << operation.op;
      continue;
    }
    seen.push_back(operation.path + (operation.direct ? " direct" : "") +
                   (operation.reserves ? " reserves" : ""));
  }
  EXPECT_THAT(seen, ElementsAre("at-once direct", "later", "later direct", "later direct", "later",
                                "at-once", "at-once reserves", "at-once"));
}

TEST_F(PreloadTest, PatternAndOccurrenceChooseThePoint) {
  run({CKPT_FAULT_PROBE, "names", root_}, "kill mkdir x/?/* 1 after");
  EXPECT_EQ(evidence().point.substr(0, 17), "after mkdir x/y/z");
  run({CKPT_FAULT_PROBE, "commit", root_}, "kill rename a 1 before");  // the new name matches too
  EXPECT_TRUE(evidence().fired);
  EXPECT_TRUE(run({CKPT_FAULT_PROBE, "commit", root_}, "kill any *.none 1 before").exited);
  EXPECT_FALSE(evidence().fired);
}

TEST_F(PreloadTest, OccurrencesCountPerOperationAndPath) {
  for (const std::string mode : {"streams", "stdio", "threads", "descriptors"}) {
    const ExitStatus status = run({CKPT_FAULT_PROBE, mode, root_}, "");
    ASSERT_EQ(status.exit_code, 0) << mode;
    std::map<std::string, uint64_t> seen;
    for (const auto& line : log_lines(log_)) {
      if (line.contains("mapped")) continue;
      const std::string key = line.at("op").get<std::string>() + line.at("path").get<std::string>();
      // Forked children count with their parent.
      EXPECT_EQ(line.at("occurrence").get<uint64_t>(), ++seen[key]) << line;
    }
  }
}

TEST_F(PreloadTest, ArmedFromInsideAndAnewInAForkedChild) {
  SpawnOptions options;
  options.argv = {CKPT_FAULT_PROBE, "arm", root_};
  options.environment = preload_environment();
  options.err = Stdio::file(folder_.path() + "/stderr");
  ASSERT_EQ(finish(options).exit_code, 0) << read_file(folder_.path() + "/stderr").value();
  const auto parent = read_fault_log(folder_.path() + "/parent.log").value();
  const auto child = read_fault_log(folder_.path() + "/child.log").value();
  EXPECT_EQ(parent.operations.size(), 6u);
  EXPECT_FALSE(parent.fired);
  EXPECT_EQ(child.point, "before rename a.tmp #1 (operation 5)");
  EXPECT_EQ(child.operations.size(), 5u);
  const std::string told = read_file(folder_.path() + "/stderr").value();
  EXPECT_THAT(told, testing::HasSubstr("rule not understood"));
  EXPECT_THAT(told, testing::HasSubstr("must be an absolute path"));
}

TEST_F(PreloadTest, AMistakeInTheEnvironmentEndsTheProgramBeforeItStarts) {
  EXPECT_EQ(run({CKPT_FAULT_PROBE, "commit", root_}, "kill wirte * 1 before").exit_code, 4);
  EXPECT_EQ(files_in(root_), Files{});
  log_ = folder_.path() + "/no/such/log";
  EXPECT_EQ(run_again({CKPT_FAULT_PROBE, "commit", root_}, "").exit_code, 4);
}

TEST_F(PreloadTest, ARootReachedThroughALinkIsTheSameRoot) {
  const std::string real = folder_.path() + "/real";
  std::filesystem::create_directory(real);
  std::filesystem::create_directory_symlink(real, folder_.path() + "/link");
  const auto count = [&](const std::string& armed, const std::string& used) {
    root_ = folder_.path() + "/" + armed;
    std::filesystem::remove(log_);
    run_again({CKPT_FAULT_PROBE, "commit", folder_.path() + "/" + used}, "");
    return evidence().operations.size();
  };
  EXPECT_EQ(count("real", "link"), 6u);
  EXPECT_EQ(count("link", "real"), 6u);
  EXPECT_EQ(count("link", "link"), 6u);
  EXPECT_EQ(count("real", "../" + folder_.path().substr(folder_.path().rfind('/') + 1) + "/real/."),
            6u);
  std::filesystem::create_directory(folder_.path() + "/real2");
  EXPECT_EQ(count("real", "real2"), 0u);  // a common beginning is not the root
}

TEST(PreloadRuleTest, BothParsersAgree) {
  for (const std::string text : {"kill write *.tmp 3 before",
                                 "kill any * 1 after",
                                 "kill any * 1 partial",
                                 "kill write a #3 before",
                                 "kill write a # before",
                                 "kill write a #0 before",
                                 "kill write a b c 2 partial",
                                 "kill  fsync\t* 1 before ",
                                 "kill wirte * 1 before",
                                 "kil write * 1 before",
                                 "kill write * 0 before",
                                 "kill write * -1 before",
                                 "kill write * 1x before",
                                 "kill write * 99999999999999999999 before",
                                 "kill write * 18446744073709551615 before",
                                 "kill fsync * 1 partial",
                                 "kill write * 1 durng",
                                 "kill write before",
                                 "kill",
                                 ""}) {
    ckptfault::Rule rule;
    const auto parsed = parse_rule(text);
    ASSERT_EQ(ckptfault::parse_rule(text.c_str(), rule), parsed.ok()) << text;
    if (!parsed.ok()) continue;
    EXPECT_EQ(rule.path, parsed.value().path);
    EXPECT_EQ(rule.occurrence, parsed.value().occurrence);
    EXPECT_EQ(rule.on_its_path, parsed.value().on_its_path);
    EXPECT_EQ(rule.any, parsed.value().operation == "any");
  }
  for (const std::string& word : rule_operations()) {
    ckptfault::Rule rule;
    EXPECT_TRUE(ckptfault::parse_rule(("kill " + word + " * 1 before").c_str(), rule)) << word;
    EXPECT_EQ(rule.any ? "any" : ckptfault::op_word(rule.op), word);
  }
}

}  // namespace
}  // namespace ckptbench
