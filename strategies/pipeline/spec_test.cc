#include "strategies/pipeline/spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "strategies/pipeline/stages.h"
#include "strategies/registry.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;

std::string text_of(const std::string& spec) {
  const Result<Spec> parsed = parse_spec(spec);
  return parsed ? parsed.value().text() : "error: " + parsed.error().message;
}

TEST(Spec, AcceptsTheWordsInAnyOrderAndFillsInDefaults) {
  EXPECT_EQ(text_of("blocking@dir"), "blocking+raw+rank0@dir");
  EXPECT_EQ(text_of("blocking+raw+rank0@dir"), "blocking+raw+rank0@dir");
  EXPECT_EQ(text_of("staged+planes+zstd@dir"), "staged+planes+zstd+rank0@dir");
  EXPECT_EQ(text_of("zstd+rank0+planes+staged@dir"), "staged+planes+zstd+rank0@dir");
  EXPECT_EQ(text_of("planes+zstd+dedup+staged@dir"), "staged+dedup+planes+zstd+rank0@dir");
}

TEST(Spec, ItsTextIsASpecOfTheSame) {
  for (const char* spec : {"blocking@dir", "staged+dedup@dir", "staged+dedup+planes+zstd@dir"}) {
    const Result<Spec> first = parse_spec(spec);
    ASSERT_TRUE(first);
    EXPECT_EQ(parse_spec(first.value().text()).value(), first.value());
  }
}

TEST(Spec, SaysWhatIsWrong) {
  EXPECT_THAT(text_of("stagd@dir"), HasSubstr("unknown stage 'stagd'; did you mean 'staged'?"));
  EXPECT_THAT(text_of("staged@dri"), HasSubstr("unknown store 'dri'; did you mean 'dir'?"));
  EXPECT_THAT(text_of("staged"), HasSubstr("expected capture[+encoder][+place]@store"));
  EXPECT_THAT(text_of("staged@dir@dir"), HasSubstr("expected capture"));
  EXPECT_THAT(text_of("raw@dir"), HasSubstr("no capture"));
  EXPECT_THAT(text_of("staged+blocking@dir"), HasSubstr("capture twice"));
  EXPECT_THAT(text_of("staged+raw+dedup@dir"), HasSubstr("'raw' excludes"));
  EXPECT_THAT(text_of("staged+zstd@dir"), HasSubstr("go together"));
  EXPECT_THAT(text_of("staged+dedup+dedup@dir"), HasSubstr("'dedup' twice"));
  EXPECT_THAT(text_of("staged+@dir"), HasSubstr("unknown stage ''"));
  EXPECT_THAT(text_of("@"), HasSubstr("error: "));
}

TEST(Registry, FindsPresetsAndCompositions) {
  for (const StrategyInfo& row : native_strategies()) {
    const Result<StrategyInfo> found = find_native(row.name);
    ASSERT_TRUE(found);
    EXPECT_EQ(found.value().summary, row.summary);
    EXPECT_TRUE(Params::make(row.name, row.params, {})) << "defaults must satisfy their own rows";
  }
  EXPECT_EQ(find_native("blocking@dir").value().name, "blocking+raw+rank0@dir");
  EXPECT_THAT(find_native("snyc").error().message, HasSubstr("did you mean 'sync'?"));
  EXPECT_FALSE(find_native(""));
}

TEST(Registry, EveryStageIsUsableInASpec) {
  for (const StageInfo& stage : pipeline_stages()) {
    std::string spec = stage.name + "+staged@dir";
    if (stage.kind == "capture") spec = stage.name + "@dir";
    if (stage.kind == "store") spec = "staged@" + stage.name;
    EXPECT_TRUE(find_native(spec)) << spec;
  }
}

}  // namespace
}  // namespace ckptbench
