// A raw checkpoint is a safetensors file: Python's own package opens it and sees the same bytes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "strategies/testing/contract_samples.h"

namespace ckptbench {
namespace {

// Compares every tensor of the file with NAME.bin files, by torch's bytes.
constexpr const char* kScript = R"(
import json, sys, torch
from safetensors import safe_open
folder, path = sys.argv[1:]
expected = json.load(open(folder + "/expected.json"))
with safe_open(path, framework="pt") as file:
    assert sorted(file.keys()) == sorted(expected), "names differ"
    for name, (index, shape, dtype) in expected.items():
        tensor = file.get_tensor(name)
        assert list(tensor.shape) == shape, name
        assert str(file.get_slice(name).get_dtype()) == dtype, name
        held = tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b""
        assert held == open(f"{folder}/{index}.bin", "rb").read(), name
    assert file.metadata()["model.tied"] == "model.weight"
)";

bool has_package() {
  return std::system(CKPT_PYTHON " -c 'import torch, safetensors, numpy' 2>/dev/null") == 0;
}

void write_expected(const StateView& view, const std::string& folder) {
  std::string json = "{";
  size_t index = 0;
  for (const TensorView& tensor : view.tensors) {
    if (tensor.alias_of) continue;
    std::string shape;
    for (const int64_t extent : tensor.shape) {
      shape += fmt::format("{}{}", shape.empty() ? "" : ",", extent);
    }
    json += fmt::format(R"({}"{}":[{},[{}],"{}"])", index ? "," : "", tensor.name, index, shape,
                        dtype_name(tensor.dtype));
    std::ofstream(fmt::format("{}/{}.bin", folder, index++), std::ios::binary)
        .write(reinterpret_cast<const char*>(tensor.data),
               static_cast<std::streamsize>(tensor.bytes));
  }
  std::ofstream(folder + "/expected.json") << json << "}";
  std::ofstream(folder + "/check.py") << kScript;
}

TEST(SafetensorsPython, OpensARawCheckpointAndSeesTheSameBytes) {
  if (!has_package()) GTEST_SKIP() << "no torch, safetensors and numpy in " << CKPT_PYTHON;
  for (const char* name : {"sync", "async"}) {
    ContractBench bench;
    const auto state = adversarial_state(3);
    {
      const auto strategy = bench.open(name, {{"chunk_bytes", "65536"}});
      ASSERT_EQ(words(save_and_wait(*strategy, *state, 1)), "durable");
    }
    const TempDir folder = TempDir::make("ckptbench-python").value();
    write_expected(state->view(), folder.path());
    const std::string file = bench.directory() + "/ckpt-00000001.r0000.safetensors";
    ASSERT_TRUE(std::filesystem::exists(file));
    const std::string command =
        fmt::format("{0} {1}/check.py {1} {2}", CKPT_PYTHON, folder.path(), file);
    EXPECT_EQ(std::system(command.c_str()), 0) << name;
  }
}

}  // namespace
}  // namespace ckptbench
