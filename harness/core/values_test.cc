// Digests, parameters, near names, and the strictness of everything that travels as JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "harness/core/cell.h"
#include "harness/core/count_text.h"
#include "harness/core/digest.h"
#include "harness/core/digest_json.h"
#include "harness/core/json_fields.h"
#include "harness/core/json_text.h"
#include "harness/core/near_names.h"
#include "harness/core/observer.h"
#include "harness/core/params.h"
#include "harness/core/record.h"
#include "harness/core/recovery.h"
#include "harness/core/survives_claim.h"

namespace ckptbench {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST(Digest, IsXxh3OfTheBytesAndSurvivesItsText) {
  // XXH3-128 of no bytes with seed 0, as the xxHash specification gives it.
  EXPECT_EQ(to_hex(digest_of({})), "99aa06d3014798d86001c324468d497f");
  const Digest digest{.high = 0x0123456789abcdef, .low = 1};
  EXPECT_EQ(to_hex(digest), "0123456789abcdef0000000000000001");
  EXPECT_EQ(parse_digest(to_hex(digest)), digest);
  for (const char* bad :
       {"", "99aa", "zzaa06d3014798d86001c324468d497f", "99aa06d3014798d86001c324468d497f0"}) {
    EXPECT_FALSE(parse_digest(bad).has_value()) << bad;
  }
}

TEST(Digest, OfComponentsSeesNameTypeShapeBytesAndNotAliases) {
  std::vector<std::byte> bytes(16, std::byte{1});
  TensorView tensor;
  tensor.name = "w";
  tensor.shape = {2, 2};
  tensor.data = bytes.data();
  tensor.bytes = bytes.size();
  const StateView state{{tensor}};
  const Digest before = digest_components(state).at(Role::kParameter);
  const auto changed = [&](auto change) {
    StateView other = state;
    change(other.tensors[0]);
    return digest_components(other).at(Role::kParameter) != before;
  };
  EXPECT_TRUE(changed([](TensorView& t) { t.name = "v"; }));
  EXPECT_TRUE(changed([](TensorView& t) { t.shape = {4, 1}; }));
  EXPECT_TRUE(changed([](TensorView& t) { t.dtype = DType::kI32; }));
  StateView alias = state;
  alias.tensors.push_back(tensor);
  alias.tensors[1].alias_of = "w";
  EXPECT_EQ(digest_components(alias).at(Role::kParameter), before);
  bytes[15] = std::byte{2};
  EXPECT_NE(digest_components(state).at(Role::kParameter), before);
}

TEST(CountText, TheNounFollowsTheNumber) {
  EXPECT_EQ(count_text(0, "core"), "0 cores");
  EXPECT_EQ(count_text(1, "core"), "1 core");
  EXPECT_EQ(count_text(2, "core"), "2 cores");
}

TEST(NearNames, OffersSlipsAndListsAllWhereNothingIsNear) {
  const std::vector<std::string> known{"sync", "async", "compressed"};
  EXPECT_EQ(unknown_name("strategy", "snyc", known),
            "unknown strategy 'snyc'; did you mean 'sync'?");
  EXPECT_THAT(unknown_name("strategy", "comp", known), HasSubstr("'compressed'"));
  EXPECT_EQ(unknown_name("strategy", "zebrafish", known),
            "unknown strategy 'zebrafish'; known: sync, async, compressed");
}

TEST(Params, FillsDefaultsAndChecksEachType) {
  std::vector<ParamInfo> rows(5);
  rows[0] = {.name = "on", .type = ParamType::kBool, .default_value = "true", .help = ""};
  rows[1] = {.name = "n",
             .type = ParamType::kInteger,
             .default_value = "4",
             .help = "",
             .minimum = 1,
             .maximum = 8};
  rows[2] = {.name = "rate", .type = ParamType::kReal, .default_value = "0.5", .help = ""};
  rows[3] = {.name = "codec",
             .type = ParamType::kChoice,
             .default_value = "zstd",
             .help = "",
             .choices = {"zstd", "lz4"}};
  rows[4] = {.name = "note", .type = ParamType::kText, .default_value = "", .help = ""};
  const auto params = Params::make("thing", rows, {{"n", "8"}, {"note", "x y"}});
  ASSERT_TRUE(params.ok()) << params.error().message;
  EXPECT_TRUE(params.value().boolean("on"));
  EXPECT_EQ(params.value().integer("n"), 8);
  EXPECT_EQ(params.value().real("rate"), 0.5);
  EXPECT_EQ(params.value().text("note"), "x y");
  EXPECT_EQ(params.value().values().size(), 5U);
  const auto refused = [&](const char* name, const char* value) {
    const auto result = Params::make("thing", rows, {{name, value}});
    return result.ok() ? std::string("accepted") : result.error().message;
  };
  EXPECT_THAT(refused("n", "9"), HasSubstr("whole number in [1, 8]"));
  EXPECT_THAT(refused("rate", "x"), testing::EndsWith("expected a number")) << "without bounds";
  EXPECT_THAT(refused("n", "3x"), HasSubstr("n = '3x'"));
  EXPECT_THAT(refused("rate", "nan"), HasSubstr("a number"));
  EXPECT_THAT(refused("on", "yes"), HasSubstr("true or false"));
  EXPECT_THAT(refused("codec", "gzip"), HasSubstr("one of zstd, lz4"));
  EXPECT_THAT(refused("rat", "1"), HasSubstr("did you mean 'rate'"));
  const auto none = Params::make("null", {}, {{"x", "1"}});
  EXPECT_THAT(none.error().message, HasSubstr("takes no parameters"));
}

TEST(Cell, RoundTripKeepsEveryField) {
  Cell cell;
  cell.id = "a-b";
  cell.kind = CellKind::kSweep;
  cell.workload = {"char-gpt", {{"size", "2M"}}};
  cell.policy.every_steps = 5;
  cell.policy.contents = Contents::kWeights;
  cell.fault = {"file_op", {{"operation", "write"}, {"occurrence", "7"}}};
  cell.deadline_s = 2.5;
  const json first = cell;
  EXPECT_EQ(json(first.get<Cell>()), first);
}

TEST(Cell, RefusesUnknownKeysTypesAndWords) {
  const auto message = [](const json& change) {
    json cell = Cell{};
    cell.merge_patch(change);
    try {
      static_cast<void>(cell.get<Cell>());
    } catch (const std::exception& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_THAT(message({{"step", 3}}), HasSubstr("did you mean 'steps'"));
  EXPECT_THAT(message({{"steps", "many"}}), HasSubstr("cell.steps"));
  EXPECT_THAT(message({{"kind", "trail"}}),
              HasSubstr("unknown word 'trail'; did you mean 'trial'"));
  EXPECT_THAT(message({{"policy", {{"every_step", 1}}}}), HasSubstr("did you mean 'every_steps'"));
  EXPECT_THAT(message({{"fault", {{"kind", "phase"}, {"parms", 3}}}}),
              HasSubstr("did you mean 'params'"));
  EXPECT_THAT(message({{"workload", 3}}), HasSubstr("expected an object"));
}

TEST(Params, AnInfoOfAnUnknownTypeIsRefused) {
  const ParamInfo row{.name = "level", .type = ParamType::kInteger, .default_value = "1"};
  nlohmann::json json = row;
  EXPECT_EQ(json.get<ParamInfo>().type, ParamType::kInteger);
  json["type"] = "whole";
  EXPECT_THROW(json.get<ParamInfo>(), std::runtime_error);
}

TEST(Record, RoundTripKeepsWhatIsNoNumber) {
  Record record;
  record.cell.id = "x";
  record.verdict.emplace();
  record.verdict->data = DataVerdict::kRolledBack;
  record.samples.push_back({"block_ns", 0, {1, NAN, 2}});
  record.losses.push_back({3, NAN, "trained"});
  record.observed["direct"] = true;
  const json text = parse_json(json_text(record));
  const Record copy = text.get<Record>();
  EXPECT_EQ(json(copy), json(record));
  EXPECT_TRUE(std::isnan(copy.samples[0].values[1]));
  EXPECT_TRUE(std::isnan(copy.losses[0].loss));
  json extra = text;
  extra["speed"] = 1;
  EXPECT_THROW(static_cast<void>(extra.get<Record>()), std::runtime_error);
}

TEST(Recovery, RoundTripAndRefusalOfAForeignDigest) {
  RecoveryReport report;
  report.outcome = RecoveryReport::Outcome::kRestored;
  report.restored[Role::kRng] = {.high = 1, .low = 2};
  report.by_number = true;
  report.reason = "torn";
  report.tried = {"seq 5 (step 4): torn"};
  report.unfilled = {"rng.cpu"};
  report.load_error = "rng.cpu: no such state";
  report.continuation.push_back({4, {{Role::kParameter, {.high = 3, .low = 4}}}});
  const json first = report;
  EXPECT_EQ(json(first.get<RecoveryReport>()), first);
  EXPECT_TRUE(first.get<RecoveryReport>().by_number);
  EXPECT_EQ(first.get<RecoveryReport>().unfilled, report.unfilled);
  json foreign = first;
  foreign["restored"]["soul"] = to_hex({});
  EXPECT_THROW(static_cast<void>(foreign.get<RecoveryReport>()), std::runtime_error);
}

TEST(Survives, AClaimIsWordsThatItKnows) {
  EXPECT_EQ(read_claim("process").value(), Survives{.process = true});
  EXPECT_EQ(read_claim("process, power").value(), (Survives{.process = true, .power = true}));
  EXPECT_EQ(read_claim("").value(), Survives{});
  EXPECT_THAT(read_claim("process,pover").error().message,
              HasSubstr("unknown claim 'pover'; did you mean 'power'?"));
  EXPECT_FALSE(read_claim("powerful").ok());
  EXPECT_FALSE(read_claim("Process").ok());
}

TEST(Survives, AClaimToSurviveMoreThanTheProcessNamesTheProcessToo) {
  for (const char* text : {"power", "host", "media", "power,host"}) {
    EXPECT_THAT(read_claim(text).error().message, HasSubstr("expected \"process,")) << text;
  }
}

TEST(Survives, AWordInsideAnotherIsNone) {
  EXPECT_EQ(parse_survives("powerful"), Survives{});
}

}  // namespace
}  // namespace ckptbench
