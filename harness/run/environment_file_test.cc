#include "harness/run/environment_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "harness/platform/files.h"

namespace ckptbench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

NamedInfo info(const std::string& name, const std::string& survives) {
  NamedInfo named;
  named.name = name;
  named.group = "native";
  named.survives = survives;
  return named;
}

nlohmann::json fields_of(const CheckedNames& names, const std::string& out) {
  return collect_environment({}, 1, {}, names, out).fields;
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

}  // namespace
}  // namespace ckptbench
