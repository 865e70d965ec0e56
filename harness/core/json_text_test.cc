#include "harness/core/json_text.h"

#include <gtest/gtest.h>

namespace ckptbench {
namespace {

TEST(JsonText, ComesBackAsItWas) {
  const nlohmann::json value{{"a", {1, 2.5, "ü\n"}}, {"b", nullptr}};
  EXPECT_EQ(parse_json(json_text(value)), value);
  EXPECT_EQ(parse_json(json_text(value, 1)), value);
  EXPECT_EQ(json_text(value).find('\n'), std::string::npos);
}

TEST(JsonText, BytesThatAreNoTextAreReplacedNotThrown) {
  EXPECT_EQ(json_text("a\xff"
                      "b"),
            "\"a\xEF\xBF\xBD"
            "b\"");
}

TEST(JsonText, WhatIsNotOneDocumentIsDiscardedOrThrown) {
  for (const char* text : {"", "{", "{} {}", "nul"}) {
    EXPECT_TRUE(try_parse_json(text).is_discarded()) << text;
    EXPECT_THROW(parse_json(text), nlohmann::json::parse_error) << text;
  }
}

}  // namespace
}  // namespace ckptbench
