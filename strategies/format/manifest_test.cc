#include "strategies/format/manifest.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>
#include <string>

#include "harness/core/digest.h"
#include "harness/core/prng.h"
#include "harness/core/sanitized.h"

namespace ckptbench {
namespace {

ManifestChunk chunk(uint64_t begin, uint64_t bytes, uint64_t owner_seq) {
  return {.begin = begin,
          .raw_bytes = bytes,
          .owner_seq = owner_seq,
          .file = "r0000.safetensors",
          .offset = 4096 + begin,
          .stored_bytes = bytes,
          .encoding = "raw",
          .digest = {.high = begin + 1, .low = bytes}};
}

ManifestTensor tensor(const std::string& name, std::vector<int64_t> shape, uint64_t bytes) {
  ManifestTensor out;
  out.name = name;
  out.shape = std::move(shape);
  out.bytes = bytes;
  return out;
}

// Every kind of content that the format knows.
Manifest sample() {
  Manifest manifest;
  manifest.run = "run \"7\"";
  manifest.seq = 12;
  manifest.step = 340;
  manifest.world_size = 2;
  manifest.metric = 0.1;
  ManifestTensor weight = tensor("layer.0/wé\n", {3, 4}, 48);
  weight.chunks = {chunk(0, 40, 12), chunk(40, 8, 9)};
  weight.chunks[0].encoding = "planes+zstd";
  weight.chunks[0].stored_bytes = 17;
  ManifestTensor alias = tensor("tied", {3, 4}, 48);
  alias.alias_of = weight.name;
  ManifestTensor half = tensor("sharded", {8, 2}, 32);
  half.role = Role::kMoment1;
  half.rank = 1;
  half.pieces = {{.offset = {4, 0}, .extent = {4, 2}, .local_begin = 0, .local_bytes = 32}};
  half.chunks = {chunk(0, 32, 12)};
  ManifestTensor empty = tensor("empty", {0, 5}, 0);
  empty.dtype = DType::kBool;
  ManifestTensor scalar = tensor("scalar", {}, 8);
  scalar.role = Role::kRng;
  scalar.dtype = DType::kI64;
  scalar.chunks = {chunk(0, 8, 3)};
  manifest.tensors = {weight, alias, half, empty, scalar};
  return manifest;
}

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string with_digest(const std::string& body) {
  return fmt::format("{}\nxxh3-128 {}\n", body, to_hex(digest_of(bytes_of(body))));
}

std::string body_of(const Manifest& manifest) {
  const std::string text = text_of(encode_manifest(manifest));
  return text.substr(0, text.rfind("\nxxh3-128 "));
}

// The error of decoding this body under a digest that is right.
std::string error_of(const std::string& body) {
  const Result<Manifest> decoded = decode_manifest(bytes_of(with_digest(body)));
  return decoded ? "accepted" : decoded.error().message;
}

std::string error_after(const std::string& from, const std::string& to) {
  std::string body = body_of(sample());
  const size_t at = body.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return error_of(body.replace(at, from.size(), to));
}

TEST(Manifest, RoundTripKeepsEverything) {
  const Manifest manifest = sample();
  const Result<Manifest> decoded = decode_manifest(encode_manifest(manifest));
  ASSERT_TRUE(decoded) << decoded.error().message;
  const Manifest& read = decoded.value();
  EXPECT_EQ(read.run, manifest.run);
  EXPECT_EQ(read.seq, 12u);
  EXPECT_EQ(read.step, 340u);
  EXPECT_EQ(read.world_size, 2u);
  EXPECT_EQ(read.contents, Contents::kFull);
  EXPECT_EQ(read.metric, manifest.metric);
  EXPECT_EQ(read.needed_seqs(), (std::vector<uint64_t>{3, 9}));
  ASSERT_EQ(read.tensors.size(), manifest.tensors.size());
  EXPECT_EQ(read.tensors[0].name, manifest.tensors[0].name);
  EXPECT_EQ(read.tensors[0].chunks[1].begin, 40u);
  EXPECT_EQ(read.tensors[0].chunks[1].owner_seq, 9u);
  EXPECT_EQ(read.tensors[0].chunks[0].digest, manifest.tensors[0].chunks[0].digest);
  EXPECT_EQ(read.tensors[1].alias_of, manifest.tensors[0].name);
  EXPECT_EQ(read.tensors[2].pieces[0].offset, (std::vector<int64_t>{4, 0}));
  EXPECT_EQ(read.tensors[2].role, Role::kMoment1);
  EXPECT_EQ(read.tensors[3].dtype, DType::kBool);
  // Equal text is equal content: nothing above was left out of the comparison.
  EXPECT_EQ(text_of(encode_manifest(read)), text_of(encode_manifest(manifest)));
}

TEST(Manifest, MetricsThatJsonLacksSurvive) {
  for (const double metric :
       std::vector<double>{NAN, -NAN, INFINITY, -INFINITY, -0.0, 5e-324, 3.0}) {
    Manifest manifest = sample();
    manifest.metric = metric;
    const Result<Manifest> decoded = decode_manifest(encode_manifest(manifest));
    ASSERT_TRUE(decoded) << decoded.error().message;
    const double read = decoded.value().metric.value();
    EXPECT_TRUE(read == metric || (std::isnan(read) && std::isnan(metric))) << metric;
  }
  Manifest weights = sample();
  weights.metric.reset();
  weights.contents = Contents::kWeights;
  const Result<Manifest> decoded = decode_manifest(encode_manifest(weights));
  ASSERT_TRUE(decoded);
  EXPECT_FALSE(decoded.value().metric);
  EXPECT_EQ(decoded.value().contents, Contents::kWeights);
}

// Filling an alias writes as many bytes as its target has.
TEST(Manifest, AnAliasHasTheTypeAndShapeOfItsTarget) {
  const auto changed = [](auto change) {
    Manifest manifest = sample();
    change(manifest.tensors[1]);
    const Status checked = check_manifest(manifest);
    return checked ? "accepted" : checked.error().message;
  };
  EXPECT_EQ(changed([](ManifestTensor&) {}), "accepted");
  for (const std::string& message :
       {changed([](ManifestTensor& t) { t.shape = {12}; }),
        changed([](ManifestTensor& t) { t.dtype = DType::kI32; }), changed([](ManifestTensor& t) {
          t.shape = {1, 4}, t.bytes = 16;
        }),
        changed([](ManifestTensor& t) {
          t.shape = {300, 4}, t.bytes = 4800;
        }),
        changed([](ManifestTensor& t) {
          t.pieces = {{.offset = {0, 0}, .extent = {1, 4}, .local_begin = 0, .local_bytes = 16}};
          t.bytes = 16;
        })}) {
    EXPECT_THAT(message, testing::HasSubstr("an alias of 'layer.0/w"));
  }
}

// Their bytes are as many, and those of other elements.
TEST(Manifest, AnAliasIsCutAsItsTarget) {
  Manifest manifest = sample();
  ManifestTensor alias = manifest.tensors[2];
  ASSERT_FALSE(alias.pieces.empty());
  alias.alias_of = alias.name;
  alias.name = "alias";
  alias.chunks.clear();
  manifest.tensors.push_back(alias);
  EXPECT_TRUE(check_manifest(manifest));
  manifest.tensors.back().pieces[0].offset = {0, 0};
  const Status checked = check_manifest(manifest);
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message, testing::HasSubstr("an alias of 'sharded'"));
}

TEST(Manifest, EveryTruncationIsRejected) {
  const std::vector<std::byte> bytes = encode_manifest(sample());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_manifest(std::span(bytes).first(size))) << size;
  }
  ASSERT_TRUE(decode_manifest(bytes));
}

TEST(Manifest, EveryFlippedBitIsRejected) {
  std::vector<std::byte> bytes = encode_manifest(sample());
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      bytes[at] ^= std::byte(1 << bit);
      EXPECT_FALSE(decode_manifest(bytes)) << at << " bit " << bit;
      bytes[at] ^= std::byte(1 << bit);
    }
  }
  bytes.push_back(std::byte('\n'));
  EXPECT_FALSE(decode_manifest(bytes));
}

TEST(Manifest, ErrorsNameWhatWasExpected) {
  using testing::HasSubstr;
  EXPECT_EQ(error_of(body_of(sample())), "accepted");
  EXPECT_THAT(error_after("\"format\":1", "\"format\":2"), HasSubstr("format 2, expected 1"));
  EXPECT_THAT(error_after("\"run\"", "\"rum\""), HasSubstr("unknown key 'rum'"));
  EXPECT_THAT(error_after("\"seq\":12", "\"seq\":12,\"seq\":12"), HasSubstr("twice"));
  EXPECT_THAT(error_after("\"seq\":12", "\"seq\":-1"), HasSubstr("seq"));
  EXPECT_THAT(error_after("\"seq\":12", "\"seq\":0"), HasSubstr("seq 0"));
  EXPECT_THAT(error_after("\"seq\":12", "\"seq\":11"), HasSubstr("future checkpoint 12"));
  EXPECT_THAT(error_after("\"step\":340,", ""), HasSubstr("no 'step'"));
  EXPECT_THAT(error_after("\"full\"", "\"half\""), HasSubstr("'half'"));
  EXPECT_THAT(error_after("\"F32\"", "\"F33\""), HasSubstr("'F33'"));
  EXPECT_THAT(error_after("\"world_size\":2", "\"world_size\":1"), HasSubstr("rank 1"));
  EXPECT_THAT(error_after("\"rng\"", "\"rung\""), HasSubstr("'rung'"));
  EXPECT_THAT(error_after("\"alias_of\":\"layer", "\"alias_of\":\"lager"), HasSubstr("not stored"));
  EXPECT_THAT(error_after("\"tied\"", "\"empty\""), HasSubstr("appears twice"));
}

TEST(Manifest, SizesMustAgree) {
  using testing::HasSubstr;
  EXPECT_THAT(error_after("[3,4]", "[3,5]"), HasSubstr("expected 60"));
  EXPECT_THAT(error_after("\"bytes\":48", "\"bytes\":49"), HasSubstr("49 bytes"));
  EXPECT_THAT(error_after("[[40,", "[[41,"), HasSubstr("outside the tensor"));
  EXPECT_THAT(error_after("[[40,", "[[39,"), HasSubstr("hold 47 bytes"));
  EXPECT_THAT(error_after("[[40,", "[[0,"), HasSubstr("a chunk of 0 bytes"));
  EXPECT_THAT(error_after("[3,4]", "[4611686018427387904,4]"), HasSubstr("too large"));
  EXPECT_THAT(error_after("[3,4]", "[18446744073709551616,4]"), HasSubstr("2^63 - 1"));
  EXPECT_THAT(error_after("[3,4]", "[3.0,4]"), HasSubstr("2^63 - 1"));
  EXPECT_THAT(error_after("[[4,0],[4,2]", "[[5,0],[4,2]"), HasSubstr("outside the tensor"));
  EXPECT_THAT(error_after("[[4,0],[4,2]", "[[4,0],[3,2]"), HasSubstr("do not match its extent"));
  EXPECT_THAT(error_after("[4,2],0,32", "[4,2],8,32"), HasSubstr("gap"));
}

TEST(Manifest, EveryFieldOfAChunkIsChecked) {
  using testing::HasSubstr;
  const std::string good = "[[40,0,4096,17,0,\"";  // raw bytes, file, offset, stored, encoding
  EXPECT_THAT(error_after(good, "[[40,3,4096,17,0,\""), HasSubstr("not listed"));
  EXPECT_THAT(error_after(good, "[[40,0,4096,17,2,\""), HasSubstr("not listed"));
  EXPECT_THAT(error_after(good, "[[40,0,4096,0,0,\""), HasSubstr("0 stored bytes"));
  EXPECT_THAT(error_after(good, "[[40,0,4096,4177,0,\""), HasSubstr("4177 stored bytes"));
  EXPECT_THAT(error_after(good, "[[40,0,4096,17,1,\""), HasSubstr("two sizes"));
  EXPECT_THAT(error_after(good, "[[40,0,4096,41,1,\""), HasSubstr("two sizes"));
  EXPECT_THAT(error_after(good, "[[40,0,4096,17,0,0,\""), HasSubstr("6 elements"));
  EXPECT_THAT(error_after(good, good + "g"), HasSubstr("32 hex digits"));
  EXPECT_THAT(error_after("\"planes+zstd\"", "\"planes zstd\""), HasSubstr("the encoding"));
  Manifest manifest = sample();
  manifest.tensors[0].chunks[1].begin = 41;
  EXPECT_FALSE(check_manifest(manifest));
}

TEST(Manifest, NamesOfFilesAreNotTrusted) {
  for (const char* name : {"../passwd", "r0000.a/b", "", ".hidden", "r0000.a..b", "r0000.x.tmp",
                           "manifest", "r0000.a b", "r0000.\\u0000", "r0000.\\u00e9", "model.pt"}) {
    const std::string rejected = error_after("r0000.safetensors", name);
    EXPECT_THAT(rejected, testing::HasSubstr("the file name")) << name;
  }
  EXPECT_NE(error_after("r0000.safetensors", "r0000." + std::string(95, 'a')), "accepted");
  EXPECT_EQ(error_after("r0000.safetensors", "r0000." + std::string(94, 'a')), "accepted");
}

TEST(Manifest, DepthAndSizeAreLimited) {
  using testing::HasSubstr;
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  EXPECT_THAT(error_of(deep), HasSubstr("nested too deeply"));
  EXPECT_THAT(error_after("[3,4]", deep), HasSubstr("nested too deeply"));
  std::string many = "[0";
  for (int i = 0; i < 64; ++i) many += ",0";
  EXPECT_THAT(error_after("[3,4]", many + "]"), HasSubstr("more than 64 dimensions"));
  const std::vector<std::byte> huge(kMaxManifestBytes + 1);
  const Result<Manifest> decoded = decode_manifest(huge);
  ASSERT_FALSE(decoded);
  EXPECT_THAT(decoded.error().message, HasSubstr("expected at most"));
}

// Reading must take time in proportion to the text: an effort per element of its whole array would
// turn a megabyte into hours.
TEST(Manifest, ManySmallObjectsAreRefusedInOnePass) {
  using testing::HasSubstr;
  std::string many = "[{}";
  for (int i = 0; i < 1'000'000; ++i) many += ",{}";
  EXPECT_THAT(error_after("[3,4]", many + "]"), HasSubstr("more than 64 dimensions"));
  EXPECT_THAT(error_of(R"({"tensors":)" + many + "]}"), HasSubstr("manifest: no 'format'"));
}

// A chunk's raw size is what a reader allocates: it stays bounded whatever the tensor claims.
TEST(Manifest, ChunksAreBounded) {
  Manifest manifest;
  manifest.seq = 1;
  ManifestTensor large = tensor("large", {1LL << 40}, 1ULL << 42);
  large.chunks = {chunk(0, 1ULL << 42, 1)};
  manifest.tensors = {large};
  EXPECT_FALSE(check_manifest(manifest));
  EXPECT_FALSE(decode_manifest(encode_manifest(manifest)));
}

std::string mutated(std::string body, Prng& prng) {
  static const std::string kPool = "0123456789-.eE[]{}\",:\\ntfaxu\xff\0 /";
  const uint64_t edits = 1 + prng.below(4);
  for (uint64_t i = 0; i < edits && !body.empty(); ++i) {
    const size_t at = prng.below(body.size());
    const size_t length = 1 + prng.below(8);
    switch (prng.below(5)) {
      case 0:
        body[at] = kPool[prng.below(kPool.size())];
        break;
      case 1:
        body.insert(at, 1, kPool[prng.below(kPool.size())]);
        break;
      case 2:
        body.erase(at, length);
        break;
      case 3:
        body.insert(at, body.substr(prng.below(body.size()), length * 8));
        break;
      default:
        body.insert(at, std::to_string(prng.next() >> prng.below(64)));
    }
  }
  return body;
}

// Under a right digest nothing but the parser and the rules stand between a mutation and a reader:
// it must be refused with a reason, or be a manifest that meets the rules.
TEST(Manifest, MutationsUnderARightDigestNeverCrash) {
  Prng prng(20240607);
  const std::string body = body_of(sample());
  int refused = 0;
  constexpr int kTrials = kSanitized ? 4000 : 20000;
  for (int i = 0; i < kTrials; ++i) {
    const Result<Manifest> decoded = decode_manifest(bytes_of(with_digest(mutated(body, prng))));
    if (!decoded) {
      EXPECT_FALSE(decoded.error().message.empty());
      ++refused;
      continue;
    }
    EXPECT_TRUE(check_manifest(decoded.value()));
    EXPECT_TRUE(decode_manifest(encode_manifest(decoded.value())));
  }
  EXPECT_GT(refused, kTrials / 2);
  EXPECT_LT(refused, kTrials);
}

TEST(Manifest, TextsThatAreNotUtf8AreRefused) {
  const std::vector<std::string> bad{
      "\xff", "a\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"};
  for (const std::string& text : bad) {
    Manifest manifest = sample();
    manifest.run = text;
    const Status run = check_manifest(manifest);
    ASSERT_FALSE(run);
    EXPECT_THAT(run.error().message, testing::HasSubstr("run id is not UTF-8"));
    manifest = sample();
    manifest.tensors[2].name = text;
    const Status name = check_manifest(manifest);
    ASSERT_FALSE(name);
    EXPECT_THAT(name.error().message, testing::HasSubstr("not UTF-8"));
  }
  for (const char* text : {"z", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xed\x9f\xbf"}) {
    Manifest manifest = sample();
    manifest.run = manifest.tensors[2].name = text;
    EXPECT_TRUE(check_manifest(manifest)) << text;
    EXPECT_TRUE(decode_manifest(encode_manifest(manifest))) << text;
  }
}

Manifest with_chunks(uint64_t count) {
  Manifest manifest;
  manifest.seq = 1;
  const auto elements = static_cast<int64_t>(count * 1024);
  ManifestTensor large = tensor("large", {elements}, count * 4096);
  for (uint64_t i = 0; i < count; ++i) large.chunks.push_back(chunk(i * 4096, 4096, 1));
  manifest.tensors = {large};
  return manifest;
}

TEST(Manifest, ManyChunks) {
  const std::vector<std::byte> bytes = encode_manifest(with_chunks(3000));
  EXPECT_LT(bytes.size(), 3000 * 80u);
  const Result<Manifest> decoded = decode_manifest(bytes);
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded.value().tensors[0].chunks[2999].begin, 2999u * 4096);
}

int64_t peak_memory_kib() {
  rusage usage{};
  EXPECT_EQ(getrusage(RUSAGE_SELF, &usage), 0);
  return usage.ru_maxrss;
}

// Each chunk has a copy of the file name and the encoding that it points to.
TEST(Manifest, NoLongRowOfATableIsCopied) {
  for (const std::string_view row : {"r0000.safetensors", "raw"}) {
    std::string body = body_of(with_chunks(10'000));
    body.insert(body.find(row), 100'000, 'a');
    const int64_t before_kib = peak_memory_kib();
    EXPECT_THAT(error_of(body), testing::HasSubstr("'aaaa"));
    EXPECT_LT(peak_memory_kib() - before_kib, 100'000) << row;
  }
}

}  // namespace
}  // namespace ckptbench
