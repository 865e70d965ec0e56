#include "harness/measure/saved_part.h"

#include <gtest/gtest.h>

namespace ckptbench {
namespace {

TensorView tensor(const std::string& name, Role role, uint64_t bytes,
                  std::optional<std::string> alias_of = {}) {
  TensorView made;
  made.name = name;
  made.role = role;
  made.bytes = bytes;
  made.alias_of = std::move(alias_of);
  return made;
}

TEST(SavedPart, IsTheWholeStateOrItsWeights) {
  const StateView state{{tensor("weight", Role::kParameter, 40),
                         tensor("moment", Role::kMoment1, 40),
                         tensor("tied", Role::kParameter, 40, "weight")}};
  EXPECT_EQ(saved_part(state, Contents::kFull).logical_bytes(), 80u);
  EXPECT_EQ(saved_part(state, Contents::kWeights).logical_bytes(), 40u);
}

// The strategy stores these bytes under the first alias's name: they are written, so they count.
TEST(SavedPart, AnAliasOfWhatIsLeftOutHasItsBytes) {
  const StateView state{
      {tensor("master", Role::kMoment1, 40), tensor("weight", Role::kParameter, 40, "master"),
       tensor("tied", Role::kParameter, 40, "master"), tensor("other", Role::kParameter, 8)}};
  const StateView part = saved_part(state, Contents::kWeights);
  EXPECT_EQ(part.logical_bytes(), 48u);
  EXPECT_EQ(part.find("weight")->alias_of, std::nullopt);
  EXPECT_EQ(part.find("tied")->alias_of, "weight");
}

}  // namespace
}  // namespace ckptbench
