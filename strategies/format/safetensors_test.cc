#include "strategies/format/safetensors.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "harness/core/digest.h"
#include "harness/core/prng.h"
#include "harness/platform/alignment.h"
#include "harness/platform/testing/temp_directory.h"

namespace ckptbench {
namespace {

using testing::HasSubstr;

std::vector<SafetensorsTensor> sample_tensors() {
  return {{"flag", DType::kBool, {3}, 3},   {"w", DType::kF32, {2, 3}, 24},
          {"half", DType::kBF16, {5}, 10},  {"empty", DType::kF32, {0, 7}, 0},
          {"scalar", DType::kI64, {}, 8},   {"quote\"\\é", DType::kU8, {1}, 1},
          {"double", DType::kF64, {2}, 16}, {"f16", DType::kF16, {1, 1}, 2},
          {"i32", DType::kI32, {1}, 4},     {"i16", DType::kI16, {2}, 4},
          {"i8", DType::kI8, {2, 1}, 2}};
}

// A file with random content of these tensors.
std::string file_of(const std::vector<SafetensorsTensor>& tensors, const SafetensorsLayout& layout,
                    uint64_t seed) {
  std::string file = layout.header;
  file.resize(layout.file_bytes);
  Prng prng(seed);
  for (size_t i = 0; i < tensors.size(); ++i) {
    for (uint64_t k = 0; k < tensors[i].bytes; ++k) {
      // A bool is 0 or 1 for every reader.
      const uint64_t value = prng.next();
      file[layout.offsets[i] + k] =
          static_cast<char>(tensors[i].dtype == DType::kBool ? value & 1 : value & 0xff);
    }
  }
  return file;
}

SafetensorsLayout plan(const std::vector<SafetensorsTensor>& tensors) {
  const Result<SafetensorsLayout> layout =
      plan_safetensors(tensors, {{"run", "r"}, {"step", "3"}, {"seq", "12"}});
  EXPECT_TRUE(layout) << layout.error().message;
  return layout.value();
}

std::string parse_error_of(const std::string& file) {
  const Result<SafetensorsHeader> header = parse_safetensors(bytes_of(file), file.size());
  return header ? "accepted" : header.error().message;
}

std::string with_size(const std::string& json, uint64_t data_bytes) {
  std::string file(8, '\0');
  for (int i = 0; i < 8; ++i) file[i] = static_cast<char>(json.size() >> (8 * i) & 0xff);
  return file + json + std::string(data_bytes, 'x');
}

TEST(Safetensors, DataBeginsAlignedAndLeavesNoGap) {
  const auto tensors = sample_tensors();
  const SafetensorsLayout layout = plan(tensors);
  EXPECT_EQ(layout.header.size() % kStoreAlignment, 0u);
  uint64_t end = layout.header.size();
  for (const size_t index : layout.order) {
    EXPECT_EQ(layout.offsets[index], end);
    EXPECT_EQ(end % dtype_bytes(tensors[index].dtype), 0u) << tensors[index].name;
    end += tensors[index].bytes;
  }
  EXPECT_EQ(layout.file_bytes, end);
}

TEST(Safetensors, ReadsWhatItPlanned) {
  const auto tensors = sample_tensors();
  const SafetensorsLayout layout = plan(tensors);
  const std::string file = file_of(tensors, layout, 1);
  const Result<SafetensorsHeader> header = parse_safetensors(bytes_of(file), file.size());
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header.value().metadata.at("seq"), "12");
  EXPECT_EQ(header.value().data_begin, layout.header.size());
  ASSERT_EQ(header.value().entries.size(), tensors.size());
  for (const SafetensorsEntry& entry : header.value().entries) {
    size_t index = 0;
    while (tensors[index].name != entry.name) ++index;
    EXPECT_EQ(entry.offset, layout.offsets[index]);
    EXPECT_EQ(entry.bytes, tensors[index].bytes);
    EXPECT_EQ(entry.dtype, tensors[index].dtype);
    EXPECT_EQ(entry.shape, tensors[index].shape);
  }
}

TEST(Safetensors, RefusesToPlanWhatTheFormatCannotHold) {
  const auto error = [](std::vector<SafetensorsTensor> tensors) {
    const auto layout = plan_safetensors(tensors, {});
    return layout ? "accepted" : layout.error().message;
  };
  EXPECT_THAT(error({{"a", DType::kF32, {2}, 7}}), HasSubstr("7 bytes, expected 8"));
  EXPECT_THAT(error({{"a", DType::kF32, {2}, 8}, {"a", DType::kF32, {2}, 8}}), HasSubstr("twice"));
  EXPECT_THAT(error({{"__metadata__", DType::kF32, {2}, 8}}), HasSubstr("reserved"));
  EXPECT_THAT(error({{"\xff", DType::kF32, {2}, 8}}), HasSubstr("UTF-8"));
  EXPECT_THAT(error({{"a", DType::kF32, {-2}, 8}}), HasSubstr("negative"));
}

TEST(Safetensors, RefusesHeadersThatLie) {
  const std::string good = R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})";
  EXPECT_EQ(parse_error_of(with_size(good, 4)), "accepted");
  EXPECT_THAT(parse_error_of(with_size(good, 5)), HasSubstr("5 bytes of data, expected 4"));
  EXPECT_THAT(parse_error_of(with_size(good, 3)), HasSubstr("of 3"));
  EXPECT_THAT(parse_error_of(with_size(" " + good, 4)), HasSubstr("'{'"));
  EXPECT_THAT(parse_error_of(std::string(8, '\xff')), HasSubstr("a header of"));
  EXPECT_THAT(parse_error_of("short"), HasSubstr("truncated"));
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string json = good;
    return parse_error_of(with_size(json.replace(json.find(from), from.size(), to), 4));
  };
  EXPECT_THAT(replaced("[0,4]", "[1,4]"), HasSubstr("3 bytes, expected 4"));
  EXPECT_THAT(replaced("[0,4]", "[4,0]"), HasSubstr("bytes 4 to 0"));
  EXPECT_THAT(replaced("[0,4]", "[0,18446744073709551615]"), HasSubstr("2^63"));
  EXPECT_THAT(replaced("[4]", "[9223372036854775807,9223372036854775807]"), HasSubstr("too large"));
  EXPECT_THAT(replaced("U8", "U9"), HasSubstr("'U9'"));
  EXPECT_THAT(replaced("\"shape\"", "\"sharp\""), HasSubstr("unknown key"));
  const std::string hole = R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                           R"("b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})";
  EXPECT_THAT(parse_error_of(with_size(hole, 4)), HasSubstr("begins at 2, expected 1"));
  // As many bytes as there are, but one of them twice.
  const std::string overlap = R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                              R"("b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})";
  EXPECT_THAT(parse_error_of(with_size(overlap, 4)), HasSubstr("begins at 1, expected 2"));
}

TEST(Safetensors, TheSizeOfAHeaderIsNotTrusted) {
  std::string begin(8, '\0');
  begin[0] = 100;
  EXPECT_TRUE(safetensors_header_bytes(bytes_of(begin), 108));
  EXPECT_FALSE(safetensors_header_bytes(bytes_of(begin), 107));
  begin[4] = 1;  // 4 GiB more, in a file that is large enough
  EXPECT_FALSE(safetensors_header_bytes(bytes_of(begin), 1ULL << 40));
  const std::string file = with_size(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})", 4);
  const auto cut = bytes_of(file).first(file.size() - 5);  // within the header
  EXPECT_FALSE(parse_safetensors(cut, file.size()));
}

TEST(Safetensors, EveryTruncationIsRefusedAndNoMutationCrashes) {
  const auto tensors = sample_tensors();
  const std::string file = file_of(tensors, plan(tensors), 2);
  for (size_t size = 0; size < file.size(); ++size) {
    ASSERT_NE(parse_error_of(file.substr(0, size)), "accepted") << size;
  }
  Prng prng(3);
  for (int i = 0; i < 2000; ++i) {
    std::string mutated = file;
    for (int k = 0; k < 3; ++k) mutated[prng.below(900)] = static_cast<char>(prng.next());
    const Result<SafetensorsHeader> header = parse_safetensors(bytes_of(mutated), mutated.size());
    for (size_t k = 0; header && k < header.value().entries.size(); ++k) {
      const SafetensorsEntry& entry = header.value().entries[k];
      ASSERT_LE(entry.offset + entry.bytes, mutated.size());
    }
  }
}

constexpr const char* kReadBack = R"(
import sys, safetensors
path = sys.argv[1]
for name, tensor in safetensors.deserialize(open(path, 'rb').read()):
    print(name, tensor['dtype'], list(tensor['shape']), bytes(tensor['data']).hex(), sep='|')
with safetensors.safe_open(path, framework='numpy') as file:
    print(sorted(file.metadata().items()))
    print(file.get_tensor('w').tobytes().hex())
)";

std::string hex(const std::string& file, uint64_t offset, uint64_t bytes) {
  std::string text;
  for (uint64_t i = 0; i < bytes; ++i) {
    text += fmt::format("{:02x}", static_cast<unsigned char>(file[offset + i]));
  }
  return text;
}

std::string output_of(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  std::string output;
  std::array<char, 4096> buffer;
  while (const size_t count = fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), count);
  }
  EXPECT_EQ(pclose(pipe), 0) << command << "\n" << output;
  return output;
}

TEST(Safetensors, PythonReadsTheSameBits) {
  if (access(CKPT_PYTHON, X_OK) != 0) {
    GTEST_SKIP() << "no Python at " << CKPT_PYTHON << ": scripts/setup.sh makes the venv";
  }
  const TempDirectory directory;
  const auto tensors = sample_tensors();
  const SafetensorsLayout layout = plan(tensors);
  const std::string file = file_of(tensors, layout, 4);
  std::ofstream(directory / "a.safetensors", std::ios::binary) << file;
  std::ofstream(directory / "read.py") << kReadBack;
  const std::string output = output_of(fmt::format(
      "{} {} {} 2>&1", CKPT_PYTHON, directory / "read.py", directory / "a.safetensors"));
  for (size_t i = 0; i < tensors.size(); ++i) {
    const std::string line = fmt::format(
        "{}|{}|[{}]|{}\n", tensors[i].name, dtype_name(tensors[i].dtype),
        fmt::join(tensors[i].shape, ", "), hex(file, layout.offsets[i], tensors[i].bytes));
    EXPECT_THAT(output, HasSubstr(line));
  }
  EXPECT_THAT(output, HasSubstr("[('run', 'r'), ('seq', '12'), ('step', '3')]\n"));
  EXPECT_THAT(output, HasSubstr("\n" + hex(file, layout.offsets[1], 24) + "\n"));
}

}  // namespace
}  // namespace ckptbench
