#include "strategies/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "harness/platform/machine.h"
#include "strategies/pipeline/composition.h"
#include "strategies/stages.h"
#include "strategies/testing/contract_samples.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;

TEST(Registry, FindsPresetsAndCompositions) {
  for (const StrategyInfo& row : native_strategies()) {
    const Result<StrategyInfo> found = find_native({row.name, {}});
    ASSERT_TRUE(found);
    EXPECT_EQ(found.value().summary, row.summary);
    EXPECT_EQ(found.value().survives, row.survives);
    EXPECT_TRUE(Params::make(row.name, row.params, {})) << "defaults must satisfy their own rows";
  }
  EXPECT_EQ(find_native({"blocking@dir", {}}).value().name, "blocking+raw+rank0@dir");
  EXPECT_THAT(find_native({"snyc", {}}).error().message, HasSubstr("did you mean 'sync'?"));
  EXPECT_FALSE(find_native({"", {}}));
}

TEST(Registry, ClaimsWhatTheParametersAllow) {
  const auto claim = [](const std::string& name, const ParamText& params) {
    return to_text(find_native({name, params}).value().survives);
  };
  EXPECT_EQ(claim("sync", {}), "process,power");
  EXPECT_EQ(claim("sync", {{"fsync", "false"}}), "process");
  EXPECT_EQ(claim("staged+dedup@dir", {{"fsync", "false"}}), "process");
  EXPECT_EQ(claim("null", {}), "");
  EXPECT_EQ(claim("sync", {{"fsync", "perhaps"}}), "process,power") << "the check reports it";
}

TEST(Registry, SaysWhetherSavesMayBeSkippedWithTheseParameters) {
  const auto may_skip = [](const std::string& name, const ParamText& params) {
    return find_native({name, params}).value().may_skip;
  };
  EXPECT_FALSE(may_skip("sync", {}));
  EXPECT_FALSE(may_skip("async", {}));
  EXPECT_FALSE(may_skip("async", {{"busy", "wait"}}));
  EXPECT_TRUE(may_skip("async", {{"busy", "skip"}}));
  EXPECT_TRUE(may_skip("staged+dedup@dir", {{"busy", "skip"}}));
  EXPECT_FALSE(may_skip("async", {{"busy", "sometimes"}})) << "the check reports it";
}

TEST(NativeStages, EachIsUsableInASpec) {
  for (const std::string& spec : specs_of_all_stages()) {
    const Result<StrategyInfo> found = find_native({spec, {}});
    EXPECT_TRUE(found) << spec << ": " << (found ? "" : found.error().message);
  }
}

TEST(NativeStages, HaveNamesOfTheirOwnAndWantWhatIsThere) {
  std::set<std::string> names;
  for (const StageRow& stage : native_stages()) {
    EXPECT_TRUE(names.insert(stage.name).second) << stage.name;
    EXPECT_FALSE(stage.summary.empty()) << stage.name;
    ParamText common;
    for (const ParamInfo& info : common_params()) common[info.name] = info.default_value;
    for (const auto& [param, value] : stage.wants) {
      EXPECT_TRUE(common.contains(param)) << stage.name << " wants " << param;
    }
  }
}

TEST(Registry, ZeroThreadsAreNamedByTheNumberThatStandsForThem) {
  const std::string all = std::to_string(std::min<uint64_t>(16, usable_cores()));
  EXPECT_EQ(used_params({"sync", {}}, 1).at("writers"), all);
  EXPECT_EQ(used_params({"async", {}}, usable_cores()).at("writers"), "1");
  EXPECT_EQ(used_params({"async", {}}, 1).at("copy_threads"), all);
  EXPECT_EQ(used_params({"async", {{"writers", "3"}}}, 1).at("writers"), "3");
  EXPECT_EQ(used_params({"sync", {{"chunk_bytes", "4096"}}}, 1).at("chunk_bytes"), "4096");
  EXPECT_TRUE(used_params({"null", {}}, 1).empty());
}

}  // namespace
}  // namespace ckptbench
