// The torch-free parts: tensor lists, schedule, AdamW, synthetic gradients, data, arena.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>

#include "workloads/adamw.h"
#include "workloads/data.h"
#include "workloads/schedule.h"
#include "workloads/shape_lists.h"
#include "workloads/state_arena.h"
#include "workloads/synthetic_gradient.h"

namespace ckptbench {
namespace {

// Totals as published: the model cards of Meta and OpenAI, and the paper's table for 405B.
TEST(SmallestModel, HasSoManyElements) {
  EXPECT_EQ(smallest_model(0), "gpt2-124m");
  EXPECT_EQ(smallest_model(124'439'808), "gpt2-124m");
  EXPECT_EQ(smallest_model(124'439'809), "llama3-8b");
  EXPECT_EQ(smallest_model(UINT64_MAX), "llama3-405b");
}

TEST(PublishedShapes, HaveThePublishedTotals) {
  const std::map<std::string, std::pair<uint64_t, size_t>> expected{
      {"gpt2-124m", {124'439'808, 148}},
      {"llama3-8b", {8'030'261'248, 291}},
      {"llama3-70b", {70'553'706'496, 723}},
      {"llama3-405b", {405'853'388'800, 1137}}};
  EXPECT_EQ(published_models().size(), expected.size());
  for (const auto& [model, total] : expected) {
    const std::vector<NamedShape> shapes = published_shapes(model);
    EXPECT_EQ(element_total(shapes), total.first) << model;
    EXPECT_EQ(shapes.size(), total.second) << model;
  }
  EXPECT_THROW(published_shapes("gpt2"), std::invalid_argument);
}

TEST(ScaledShapes, KeepNamesCountAndShares) {
  for (const std::string& model : published_models()) {
    SCOPED_TRACE(model);
    const std::vector<NamedShape> real = published_shapes(model);
    constexpr uint64_t kElements = 20'000'000;
    const auto scaled = scale_shapes(real, kElements);
    ASSERT_TRUE(scaled.ok());
    const auto total = static_cast<double>(element_total(scaled.value()));
    EXPECT_LE(total, kElements);
    EXPECT_GE(total, 0.99 * kElements);
    ASSERT_EQ(scaled.value().size(), real.size());
    const auto real_total = static_cast<double>(element_total(real));
    for (size_t i = 0; i < real.size(); ++i) {
      EXPECT_EQ(scaled.value()[i].name, real[i].name);
      EXPECT_EQ(scaled.value()[i].shape.size(), real[i].shape.size());
      const double share = static_cast<double>(element_count(real[i].shape)) / real_total;
      const double kept = static_cast<double>(element_count(scaled.value()[i].shape)) / total;
      // Half a column of a matrix, or half an element of a vector, is what rounding may cost.
      if (real[i].shape.size() < 2) continue;
      EXPECT_NEAR(kept / share, 1, 0.03) << real[i].name;
    }
  }
}

TEST(ScaledShapes, RefuseWhatDoesNotFitAndKeepTheRealSize) {
  const std::vector<NamedShape> real = published_shapes("gpt2-124m");
  EXPECT_FALSE(scale_shapes(real, 147).ok());
  EXPECT_FALSE(scale_shapes(real, 124'439'809).ok());
  EXPECT_THAT(scale_shapes(real, 10).error().message, ::testing::HasSubstr("148 (one per tensor)"));
  EXPECT_EQ(element_total(scale_shapes(real, 124'439'808).value()), 124'439'808U);
  EXPECT_EQ(element_total(scale_shapes(real, 148).value()), 148U);
}

TEST(Schedule, WarmsUpThenFallsToItsFloor) {
  const Schedule schedule{.peak = 1, .warmup_steps = 4, .total_steps = 14, .floor_share = 0.1};
  EXPECT_DOUBLE_EQ(schedule.at(0), 0.25);
  EXPECT_DOUBLE_EQ(schedule.at(3), 1);
  EXPECT_DOUBLE_EQ(schedule.at(4), 1);
  EXPECT_NEAR(schedule.at(9), 0.55, 1e-12);
  EXPECT_DOUBLE_EQ(schedule.at(14), 0.1);
  EXPECT_DOUBLE_EQ(schedule.at(1000), 0.1);
}

TEST(AdamW, DoesNotDependOnHowATensorIsSplit) {
  constexpr int64_t kCount = 1000;
  const auto run = [](int64_t cut) {
    std::vector<float> p(kCount, 1), m(kCount), v(kCount), g(kCount);
    std::vector<uint16_t> low(kCount);
    synthetic_gradient(5, 0, 1, g.data(), kCount);
    for (int64_t step = 1; step <= 3; ++step) {
      const AdamWScalars s = adamw_scalars({}, 0.1, step);
      adamw_update_bf16(s, low.data(), p.data(), m.data(), v.data(), g.data(), cut);
      adamw_update_bf16(s, low.data() + cut, p.data() + cut, m.data() + cut, v.data() + cut,
                        g.data() + cut, kCount - cut);
    }
    return std::make_tuple(p, m, v, low);
  };
  for (const int64_t cut : {1, 3, 17, 999}) EXPECT_EQ(run(cut), run(0)) << cut;
}

TEST(AdamW, RoundsToBfloat16NearestEven) {
  const auto to_bf16 = [](float value) {  // an update that changes nothing
    float moment1 = 0;
    float moment2 = 0;
    const float gradient = 0;
    uint16_t low = 0;
    adamw_update_bf16(adamw_scalars({}, 0, 1), &low, &value, &moment1, &moment2, &gradient, 1);
    return low;
  };
  EXPECT_EQ(to_bf16(1.0F), 0x3f80);
  EXPECT_EQ(to_bf16(-2.0F), 0xc000);
  EXPECT_EQ(to_bf16(1.0F + 0x1.0p-8F), 0x3f80);  // half way, to even
  EXPECT_EQ(to_bf16(1.0F + 0x1.8p-7F), 0x3f82);  // half way, to even
  EXPECT_EQ(to_bf16(1.0F + 0x1.0p-8F + 0x1.0p-20F), 0x3f81);
}

TEST(SyntheticGradient, IsOneStreamHoweverItIsCut) {
  std::vector<float> whole(1000);
  std::vector<float> pieces(1000);
  synthetic_gradient(3, 40, 0.5F, whole.data(), 1000);
  synthetic_gradient(3, 40, 0.5F, pieces.data(), 13);
  synthetic_gradient(3, 53, 0.5F, pieces.data() + 13, 987);
  EXPECT_EQ(whole, pieces);
  synthetic_gradient(4, 40, 0.5F, pieces.data(), 1000);
  EXPECT_NE(whole, pieces);
}

TEST(SyntheticGradient, HasTheMomentsOfItsDistribution) {
  constexpr int64_t kCount = 1 << 20;
  std::vector<float> values(kCount);
  for (const uint64_t first : {uint64_t{0}, uint64_t{1} << 33}) {
    synthetic_gradient(11, first, 1, values.data(), kCount);
    double sum = 0;
    double squares = 0;
    for (const float value : values) {
      sum += value;
      squares += static_cast<double>(value) * value;
    }
    EXPECT_NEAR(sum / kCount, 0, 0.002);
    EXPECT_NEAR(squares / kCount, 1.0 / 6, 0.001);
  }
}

TEST(Data, IsTheWholeDigitsSetInTwoParts) {
  EXPECT_EQ(digits_train().count, 1438);
  EXPECT_EQ(digits_test().count, 359);
  std::vector<int64_t> classes(kDigitClasses);
  double sum = 0;
  for (const DigitSet* set : {&digits_train(), &digits_test()}) {
    for (const int64_t label : set->labels) ++classes.at(static_cast<size_t>(label));
    sum += std::accumulate(set->pixels.begin(), set->pixels.end(), 0.0) * 16;
  }
  // Counts per class as scikit-learn's description gives them for this copy.
  EXPECT_THAT(classes, ::testing::ElementsAre(178, 182, 177, 183, 181, 182, 181, 179, 174, 180));
  EXPECT_EQ(sum, 561'718);
}

TEST(Data, TheTextIsAscii) {
  EXPECT_GT(english_text().size(), 500'000U);
  for (const uint8_t character : english_text()) ASSERT_LT(character, 128);
}

TEST(StateArena, GivesZeroedAlignedNeighboursAndSharesAliases) {
  StateArena arena;
  const size_t a = arena.add({"a", Role::kParameter, DType::kF32, {3, 5}});
  const size_t b = arena.add_alias("b", a);
  const size_t c = arena.add({"c", Role::kRng, DType::kU8, {1}});
  arena.allocate();
  EXPECT_EQ(arena.at(a).data, arena.at(b).data);
  EXPECT_EQ(arena.at(b).alias_of, "a");
  EXPECT_EQ(arena.at(c).data - arena.at(a).data, 64);
  EXPECT_EQ(arena.view().logical_bytes(), 61U);
  for (int i = 0; i < 65; ++i) EXPECT_EQ(std::to_integer<int>(arena.at(a).data[i]), 0);
}

TEST(StateArena, PlacesDeviceTensorsInDeviceMemory) {
  StateArena arena;
  const size_t there = arena.add({"there", Role::kParameter, DType::kF32, {4}, {}, true});
  const size_t here = arena.add({"here", Role::kCounter, DType::kI64, {1}});
  alignas(64) std::byte device[64];
  uint64_t wanted = 0;
  arena.allocate([&](uint64_t bytes) {
    wanted = bytes;
    return device;
  });
  EXPECT_EQ(wanted, 64U);
  EXPECT_EQ(arena.at(there).data, device);
  EXPECT_EQ(arena.at(there).memory, MemoryKind::kCuda);
  EXPECT_EQ(arena.at(here).memory, MemoryKind::kHost);
}

}  // namespace
}  // namespace ckptbench
