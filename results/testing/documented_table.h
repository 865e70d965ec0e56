// A table of a document that is made from code: compared with the text between its markers, or,
// with UPDATE_DOCS=1 in the environment, written there. For tests; one thread.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "harness/platform/files.h"

namespace ckptbench {

// The table stands between "<!-- NAME -->" and "<!-- end -->".
inline void expect_documented(const std::string& path, const std::string& name,
                              const std::string& table) {
  const auto text = read_file(path);
  ASSERT_TRUE(text.ok()) << text.error().message;
  const std::string begin = "<!-- " + name + " -->\n";
  const size_t from = text.value().find(begin);
  const size_t end = text.value().find("<!-- end -->", from);
  ASSERT_NE(from, std::string::npos) << path << " has no " << begin;
  ASSERT_NE(end, std::string::npos) << path << ": " << name << " has no end marker";
  const size_t first = from + begin.size();
  if (std::getenv("UPDATE_DOCS") != nullptr) {
    std::string updated = text.value();
    updated.replace(first, end - first, table);
    ASSERT_TRUE(write_file_atomically(path, updated, Sync::kNo).ok());
    return;
  }
  EXPECT_EQ(text.value().substr(first, end - first), table)
      << "UPDATE_DOCS=1 with this test writes the table into " << path;
}

}  // namespace ckptbench
