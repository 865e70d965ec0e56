#include "strategies/pipeline/spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "strategies/pipeline/composition.h"
#include "strategies/stages.h"

namespace ckptbench {
namespace {

using ::testing::HasSubstr;

std::string text_of(const std::string& spec) {
  const Result<Spec> parsed = parse_spec(spec, native_stages());
  return parsed ? parsed.value().text() : "error: " + parsed.error().message;
}

TEST(Spec, AcceptsTheWordsInAnyOrderAndFillsInDefaults) {
  EXPECT_EQ(text_of("blocking@dir"), "blocking+raw+rank0@dir");
  EXPECT_EQ(text_of("blocking+raw+rank0@dir"), "blocking+raw+rank0@dir");
  EXPECT_EQ(text_of("staged+planes+zstd@dir"), "staged+planes+zstd+rank0@dir");
  EXPECT_EQ(text_of("zstd+rank0+planes+staged@dir"), "staged+planes+zstd+rank0@dir");
  EXPECT_EQ(text_of("planes+zstd+dedup+staged@dir"), "staged+dedup+planes+zstd+rank0@dir");
}

std::string default_of(const std::string& spec, const std::string& param) {
  for (const ParamInfo& info : composed_params(parse_spec(spec, native_stages()).value())) {
    if (info.name == param) return info.default_value;
  }
  return "absent";
}

TEST(Spec, ARowDecidesTheDefaultsThatItWantsOfOthers) {
  EXPECT_EQ(default_of("staged+raw@dir", "chunk_bytes"), "8388608");
  EXPECT_EQ(default_of("staged+zstd@dir", "chunk_bytes"), "1048576");
  EXPECT_EQ(default_of("staged@dir", "busy"), "wait");
  EXPECT_EQ(default_of("blocking@dir", "busy"), "absent");
}

// Rows as a list may hold them tomorrow.
std::vector<StageRow> with(const StageRow& row) {
  std::vector<StageRow> rows = native_stages();
  rows.push_back(row);
  return rows;
}

std::string error_about(const std::string& spec, const StageRow& row) {
  const std::vector<StageRow> rows = with(row);
  const Result<Spec> parsed = parse_spec(spec, rows);
  return parsed ? parsed.value().text() : parsed.error().message;
}

TEST(Spec, RefusesRowsThatCannotBeTogether) {
  const MakeCodec codec = nullptr;  // parsing makes nothing
  const MakeChunkIndex index = nullptr;
  EXPECT_EQ(error_about("blocking+last@dir", {.name = "last", .summary = "", .make = codec}),
            "blocking+last+rank0@dir");
  EXPECT_THAT(error_about("blocking+raw+last@dir", {.name = "last", .summary = "", .make = codec}),
              HasSubstr("'raw' excludes other encoders"));
  EXPECT_THAT(
      error_about("blocking+dedup+other@dir", {.name = "other", .summary = "", .make = index}),
      HasSubstr("two encoders that refer to older checkpoints"));
  const StageRow same_param{
      .name = "same", .summary = "", .params = {yes_no_param("fsync", "true", "")}, .make = codec};
  EXPECT_THAT(error_about("blocking+same@dir", same_param),
              HasSubstr("two of its stages have a parameter 'fsync'"));
}

TEST(Spec, AClaimIsWhatNoRowTakesAway) {
  StageRow store{.name = "there",
                 .summary = "",
                 .survives = [](const Params&) { return Survives{.process = true, .host = true}; },
                 .make = MakeStore{}};
  const StageRow codec{.name = "last",
                       .summary = "",
                       .survives = [](const Params&) { return Survives{.process = true}; },
                       .make = MakeCodec{}};
  std::vector<StageRow> rows = with(store);
  rows.push_back(codec);
  const auto claim = [&](const std::string& text, const ParamText& given) {
    const Spec spec = parse_spec(text, rows).value();
    return to_text(
        composed_survives(spec, Params::make("t", composed_params(spec), given).value()));
  };
  EXPECT_EQ(claim("staged@dir", {}), "process,power");
  EXPECT_EQ(claim("staged@dir", {{"fsync", "false"}}), "process");
  EXPECT_EQ(claim("staged@there", {}), "process,host");
  EXPECT_EQ(claim("staged+last@there", {}), "process");
}

TEST(Spec, ItsTextIsASpecOfTheSame) {
  for (const char* spec : {"blocking@dir", "staged+dedup@dir", "staged+dedup+planes+zstd@dir"}) {
    const Result<Spec> first = parse_spec(spec, native_stages());
    ASSERT_TRUE(first);
    EXPECT_EQ(parse_spec(first.value().text(), native_stages()).value(), first.value());
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
  EXPECT_THAT(text_of("staged+planes@dir"), HasSubstr("'planes' makes nothing smaller by itself"));
  EXPECT_THAT(text_of("staged+dedup+dedup@dir"), HasSubstr("'dedup' twice"));
  EXPECT_THAT(text_of("staged+@dir"), HasSubstr("unknown stage ''"));
  EXPECT_THAT(text_of("@"), HasSubstr("error: "));
}

}  // namespace
}  // namespace ckptbench
