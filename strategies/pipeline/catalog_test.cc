// What is believed of a commit record, and how long.
#include "strategies/pipeline/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "strategies/pipeline/manifest_store_samples.h"

namespace ckptbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(CatalogEntries, ARecordUnderAnotherNumberIsDamage) {
  ManifestStore store;
  store.records[2] = encode_manifest(manifest_of(1, 10, 1));
  Catalog catalog(store, true);
  IoRetries retries;
  for (const CatalogEntry& entry : {catalog.listed(2, retries), catalog.verified(2, retries)}) {
    EXPECT_EQ(entry.facts, nullptr);
    EXPECT_THAT(entry.damage, HasSubstr("checkpoint 2: its manifest is that of checkpoint 1"));
  }
  EXPECT_THAT(read_manifest(store, 2).error().message, HasSubstr("that of checkpoint 1"));
}

TEST(CatalogEntries, WhatAListHasShownIsNotVerifiedByThat) {
  ManifestStore store;
  store.put(manifest_of(2, 10, 1));
  store.records[2].back() ^= std::byte{1};  // behind the head
  Catalog catalog(store, true);
  IoRetries retries;
  ASSERT_NE(catalog.listed(2, retries).facts, nullptr);
  EXPECT_EQ(catalog.known(2), nullptr);
  EXPECT_EQ(catalog.verified(2, retries).facts, nullptr);
  store.records[2].back() ^= std::byte{1};
  ASSERT_NE(catalog.verified(2, retries).facts, nullptr);
  EXPECT_THAT(catalog.known(2)->needs, ElementsAre(1));
}

// While it holds the lease nobody else writes records.
TEST(CatalogEntries, AWriterReadsARecordOnceAndAReaderEachTime) {
  for (const bool is_writer : {true, false}) {
    ManifestStore store;
    store.put(manifest_of(2, 10, 2));
    Catalog catalog(store, is_writer);
    IoRetries retries;
    EXPECT_EQ(catalog.listed(2, retries).facts->info.step, 10U);
    store.put(manifest_of(2, 20, 2));
    EXPECT_EQ(catalog.listed(2, retries).facts->info.step, is_writer ? 10U : 20U);
    EXPECT_EQ(store.reads, is_writer ? 1U : 2U);
  }
}

TEST(CatalogEntries, WhatIsForgottenIsReadAgain) {
  ManifestStore store;
  store.put(manifest_of(2, 10, 2));
  Catalog catalog(store, true);
  IoRetries retries;
  ASSERT_NE(catalog.verified(2, retries).facts, nullptr);
  catalog.forget(2);
  EXPECT_EQ(catalog.known(2), nullptr);
  store.put(manifest_of(2, 20, 2));
  EXPECT_EQ(catalog.verified(2, retries).facts->info.step, 20U);
}

}  // namespace
}  // namespace ckptbench
