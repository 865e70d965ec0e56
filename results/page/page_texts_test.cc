// What the page says that no figure of it shows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/platform/files.h"
#include "results/page/page.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;

// A reader of the page alone must not take what was never tried for survived.
TEST(PageTexts, HaveTheLimitsOfTheReadme) {
  const auto readme = read_file(CKPT_README);
  ASSERT_TRUE(readme.ok()) << readme.error().message;
  const size_t from = readme.value().find("## What it does not measure");
  ASSERT_NE(from, std::string::npos);
  const std::string section =
      readme.value().substr(from, readme.value().find("\n## ", from) - from);
  for (const char* limit :
       {"Power loss", "More than one rank", "Damage at rest", "without checksums",
        "A request to stop", "SIGTERM", "fill up", "object stores"}) {
    EXPECT_THAT(section, HasSubstr(limit));
    EXPECT_THAT(std::string(limits_html()), HasSubstr(limit));
  }
}

}  // namespace
}  // namespace ckptbench
