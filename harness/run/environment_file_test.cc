#include "harness/run/environment_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "harness/core/digest.h"
#include "harness/platform/files.h"
#include "harness/run/stored_sources.h"

namespace ckptbench {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Pair;

NamedInfo info(const std::string& name, const std::string& survives) {
  NamedInfo named;
  named.name = name;
  named.group = "native";
  named.survives = survives;
  return named;
}

nlohmann::json fields_of(const CheckedNames& names, const std::string& out) {
  return collect_environment({}, 1, {}, names, {}, out).fields;
}

TEST(EnvironmentFile, EachSelectionHasItsOwnClaim) {
  const TempDir out = std::move(TempDir::make("ckptbench-environment")).value();
  const CheckedNames names{
      {{"sync", info("sync", "process,power")}, {"sync:fsync=false", info("sync", "process")}}};
  std::vector<std::pair<std::string, std::string>> claims;
  const nlohmann::json fields = fields_of(names, out.path());
  for (const auto& row : fields.at("strategies")) {
    EXPECT_EQ(row.at("name"), "sync");
    claims.emplace_back(row.at("selection"), row.at("survives"));
  }
  EXPECT_THAT(claims,
              ElementsAre(Pair("sync", "process,power"), Pair("sync:fsync=false", "process")));
}

TEST(EnvironmentFile, NamesTheVersionsOfWhatBothProgramsUse) {
  const TempDir out = std::move(TempDir::make("ckptbench-environment")).value();
  Description description;
  description.versions = {{"torch", "2.11.0"}, {"zstd", "1.5.4"}};
  const nlohmann::json fields = collect_environment({}, 1, description, {}, {}, out.path()).fields;
  const nlohmann::json& versions = fields.at("versions");
  EXPECT_EQ(versions.at("zstd"), "1.5.4");
  for (const char* name : {"glibc", "libstdc++", "xxhash"}) {
    EXPECT_THAT(versions.value(name, ""), MatchesRegex("[0-9]+(\\.[0-9]+)+")) << name;
  }
  EXPECT_THAT(fields.at("machine").value("kernel", ""), HasSubstr("Linux "));
}

// Nothing else of a run uses Python.
TEST(EnvironmentFile, PythonIsDescribedWhereAStrategyRunsInIt) {
  const TempDir out = std::move(TempDir::make("ckptbench-environment")).value();
  EXPECT_FALSE(fields_of({{{"sync", info("sync", "process")}}}, out.path()).contains("python"));
  const std::string name = "python:torch_save";
  const nlohmann::json fields = fields_of({{{name, info(name, "process")}}}, out.path());
  EXPECT_THAT(fields.at("python").value("python", ""), MatchesRegex("3\\.[0-9]+\\..*"));
  EXPECT_TRUE(fields.at("python").at("packages").contains("torch"));
}

TEST(EnvironmentFile, SaysWhichStrategiesMaySkipSaves) {
  const TempDir out = std::move(TempDir::make("ckptbench-environment")).value();
  CheckedNames names{{{"sync", info("sync", "process")}, {"async", info("async", "process")}}};
  names.strategies[1].second.may_skip = true;
  const nlohmann::json rows = fields_of(names, out.path()).at("strategies");
  EXPECT_EQ(rows.at(0).at("may_skip"), false);
  EXPECT_EQ(rows.at(1).at("may_skip"), true);
}

TEST(EnvironmentFile, AResumedRunKeepsWhatItWasAndSaysWhatChanged) {
  const TempDir out = std::move(TempDir::make("ckptbench-environment")).value();
  Environment first = collect_environment({}, 1, {}, {}, {}, out.path());
  EXPECT_EQ(&newest_part(first), &first.fields);
  newest_part(first)["trials"]["recorded"] = 3;
  Environment now = first;
  now.fields["started_utc"] = "2027-01-01T00:00:00Z";
  now.fields["variables"] = {{"OMP_NUM_THREADS", "1"}};
  now.fields["selection"]["keep"] = true;
  Environment resumed = resumed_environment(first, now);
  newest_part(resumed)["trials"]["recorded"] = 4;
  EXPECT_EQ(resumed.fields.at("resumed"),
            nlohmann::json::array({{{"started_utc", "2027-01-01T00:00:00Z"},
                                    {"variables", {{"OMP_NUM_THREADS", "1"}}},
                                    {"trials", {{"recorded", 4}}}}}));
  EXPECT_EQ(resumed.fields.at("selection").at("keep"), true);
  for (const char* key : {"started_utc", "variables", "machine", "trials"}) {
    EXPECT_EQ(resumed.fields.at(key), first.fields.at(key)) << key;
  }
  EXPECT_EQ(resumed_environment(resumed, now).fields.at("resumed").size(), 2U);
}

// A file that is there twice, with other parameters, is compared for each of them.
TEST(EnvironmentFile, AnotherSourceOfAUsersStrategyIsADifference) {
  const TempDir out = std::move(TempDir::make("ckptbench-environment")).value();
  const std::string file = out.path() + "/mine.py";
  std::ofstream(file) << "class Mine: pass\n";
  const std::string name = "python:" + file + ":Mine";
  CheckedNames names{{{name, info(name, "process")}}};
  nlohmann::json fields = fields_of(names, out.path());
  EXPECT_EQ(source_difference(fields, names), "");
  names.strategies.emplace_back(name + ":keep=3", info(name, "process"));
  EXPECT_THAT(source_difference(fields, names), HasSubstr("another " + file));
  fields = fields_of(names, out.path());
  EXPECT_EQ(source_difference(fields, names), "");
  std::ofstream(file, std::ios::app) << "# changed\n";
  EXPECT_THAT(source_difference(fields, names), HasSubstr("another " + file));
}

// Two builds of a tree with changes have one commit, "<commit>-dirty".
TEST(EnvironmentFile, AnotherWorkerOfTheSameCommitIsADifference) {
  const TempDir out = std::move(TempDir::make("ckptbench-environment")).value();
  WorkerProgram worker;
  worker.executable = out.path() + "/ckpt-worker";
  std::ofstream(worker.executable) << "one";
  const nlohmann::json fields = collect_environment({}, 1, {}, {}, worker, out.path()).fields;
  EXPECT_EQ(build_difference(fields, worker), "");
  std::ofstream(worker.executable) << "two";
  EXPECT_THAT(build_difference(fields, worker), HasSubstr("another ckpt-worker"));
  nlohmann::json old = fields;
  old["build"].erase("programs");
  EXPECT_EQ(build_difference(old, worker), "") << "an older archive says nothing of programs";
  old["build"]["commit"] = "1234567";
  EXPECT_THAT(build_difference(old, worker), HasSubstr("build 1234567, this is "));
}

// On another machine the file that a run had is absent.
TEST(EnvironmentFile, AStoredSourceTakesThePlaceOfAnAbsentFile) {
  const TempDir out = std::move(TempDir::make("ckptbench-environment")).value();
  const std::string file = out.path() + "/mine.py";
  std::ofstream(file) << "class Mine: pass\n";
  const std::string name = "python:" + file + ":Mine";
  CheckedNames names{{{name, info(name, "process")}}};
  nlohmann::json fields = fields_of(names, out.path());
  EXPECT_TRUE(StoredSources(fields).empty()) << "the file is here";
  std::filesystem::remove(file);
  const StoredSources sources(fields);
  ASSERT_FALSE(sources.empty());
  WorkerProgram worker;
  const std::string folder = out.path() + "/strategies";
  sources.put(folder, worker);
  EXPECT_EQ(worker.stored_sources, folder);
  EXPECT_EQ(read_file(folder + "/mine.py").value(), "class Mine: pass\n");
  EXPECT_THAT(sources.notes("old", folder),
              ElementsAre(AllOf(HasSubstr(file + " is absent"), HasSubstr("not stored"))));
  names.stored_sources = folder;
  EXPECT_EQ(source_difference(fields, names), "");

  nlohmann::json& row = fields["strategies"][0];
  row["source_text"] = "class Mine: changed\n";
  EXPECT_THROW(StoredSources{fields}, ExitError) << "not the source that was run";
}

TEST(EnvironmentFile, TwoAbsentFilesOfOneNameAreRefused) {
  const auto row = [](const std::string& file, const std::string& text) {
    return nlohmann::json{{"file", file},
                          {"source_text", text},
                          {"source_digest", to_hex(digest_of(bytes_of(text)))}};
  };
  const nlohmann::json once{
      {"strategies", {row("/none/a/mine.py", "1"), row("/none/a/mine.py", "1")}}};
  EXPECT_FALSE(StoredSources(once).empty()) << "one file with two selections";
  const nlohmann::json twice{
      {"strategies", {row("/none/a/mine.py", "1"), row("/none/b/mine.py", "2")}}};
  EXPECT_THROW(StoredSources{twice}, ExitError);
}

}  // namespace
}  // namespace ckptbench
