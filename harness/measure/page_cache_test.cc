// How often files are read until all their pages are in memory.
#include "harness/measure/page_cache.h"

#include <gtest/gtest.h>

#include <fstream>

#include "harness/platform/testing/temp_directory.h"

namespace ckptbench {
namespace {

// Pages of 10 that are in memory after each reading.
struct Readings {
  explicit Readings(std::vector<uint64_t> counts) : resident(std::move(counts)) {}
  Result<CachedPages> run() {
    return read_until_resident(
        [&] {
          ++reads;
          return Status();
        },
        [&] {
          return Result<CachedPages>(CachedPages{
              .total = 10, .resident = resident.at(std::min(reads, resident.size()) - 1)});
        });
  }
  std::vector<uint64_t> resident;
  size_t reads = 0;
};

TEST(PageCache, FilesAreReadAgainUntilAllTheirPagesAreThere) {
  Readings once({10});
  EXPECT_EQ(once.run().value().resident, 10U);
  EXPECT_EQ(once.reads, 1U);
  Readings thrice({7, 9, 10});
  EXPECT_EQ(thrice.run().value().resident, 10U);
  EXPECT_EQ(thrice.reads, 3U);
}

TEST(PageCache, PagesThatNeverStayEndTheReading) {
  Readings never({7});
  EXPECT_EQ(never.run().value().resident, 7U);
  EXPECT_EQ(never.reads, static_cast<size_t>(kReadings));
}

TEST(PageCache, AFailureToReadIsTheResult) {
  const auto pages = read_until_resident([] { return Status(Error{"a/b: no"}); },
                                         [] { return Result<CachedPages>(CachedPages{}); });
  ASSERT_FALSE(pages);
  EXPECT_EQ(pages.error().message, "a/b: no");
}

TEST(PageCache, WhatWasReadIsThere) {
  const TempDirectory folder;
  std::ofstream(folder / "file") << std::string(100'000, 'x');
  const auto pages = read_into_cache(folder.path());
  ASSERT_TRUE(pages) << pages.error().message;
  EXPECT_GT(pages.value().total, 0U);
  EXPECT_EQ(pages.value().resident, pages.value().total);
}

}  // namespace
}  // namespace ckptbench
