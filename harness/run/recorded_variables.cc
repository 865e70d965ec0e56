#include "harness/run/recorded_variables.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace ckptbench {
namespace {

using namespace std::string_view_literals;

constexpr std::array kPrefixes{
    // ckptbench itself; torch and the libraries in it
    "CKPT_"sv, "TORCH"sv, "PYTORCH_"sv, "ATEN_"sv, "C10_"sv, "FBGEMM_"sv, "KINETO_"sv, "TRITON_"sv,
    "DCP_"sv, "SAFETENSORS_"sv,
    // mathematics on the CPU
    "ONEDNN_"sv, "DNNL_"sv, "MKLDNN_"sv, "MKL_"sv, "OPENBLAS_"sv, "BLIS_"sv, "NPY_"sv,
    // threads
    "OMP_"sv, "GOMP_"sv, "KMP_"sv, "LIBOMP_"sv, "RAYON_"sv, "UV_"sv,
    // GPUs, and what connects ranks
    "CUDA_"sv, "CUDNN_"sv, "CUBLAS_"sv, "CUBLASLT_"sv, "CUFFT_"sv, "CUFILE_"sv, "NVIDIA_"sv,
    "NVTX_"sv, "NCCL_"sv, "NVSHMEM_"sv, "GLOO_"sv, "TP_"sv, "UCX_"sv, "FI_"sv,
    // the loader, memory, sanitizers
    "LD_"sv, "MALLOC_"sv, "TCMALLOC_"sv, "MIMALLOC_"sv, "ASAN_"sv, "LSAN_"sv, "TSAN_"sv, "UBSAN_"sv,
    // Python, and the encoding of its files
    "PYTHON"sv, "LC_"sv};

constexpr std::array kNames{"GLIBC_TUNABLES"sv, "GCONV_PATH"sv, "LOCPATH"sv,  "LANG"sv,
                            "LANGUAGE"sv,       "TZ"sv,         "TMPDIR"sv,   "RANK"sv,
                            "LOCAL_RANK"sv,     "WORLD_SIZE"sv, "USE_LIBUV"sv};

constexpr std::array kSecretParts{"TOKEN"sv, "SECRET"sv, "PASSW"sv, "CREDENTIAL"sv, "COOKIE"sv};
// Between underscores: NCCL_IB_PKEY is no key.
constexpr std::array kSecretWords{"_KEY_"sv, "_KEYS_"sv, "_APIKEY_"sv, "_AUTH_"sv, "_PASS_"sv};

bool is_recorded(std::string_view name) {
  const auto begins = [&](std::string_view prefix) { return name.starts_with(prefix); };
  return std::ranges::any_of(kPrefixes, begins) || std::ranges::find(kNames, name) != kNames.end();
}

// "https://user:password@host"
bool names_a_user(std::string_view value) {
  const size_t scheme = value.find("://");
  return scheme != std::string_view::npos && value.find('@', scheme) != std::string_view::npos;
}

bool may_be_secret(std::string_view name, std::string_view value) {
  const std::string words = "_" + std::string(name) + "_";
  const auto holds = [&](std::string_view part) { return words.find(part) != std::string::npos; };
  return std::ranges::any_of(kSecretParts, holds) || std::ranges::any_of(kSecretWords, holds) ||
         names_a_user(value);
}

}  // namespace

nlohmann::json recorded_variables() {
  nlohmann::json variables = nlohmann::json::object();
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = text.substr(0, equals);
    const std::string_view value = text.substr(equals + 1);
    if (!is_recorded(name)) continue;
    variables[std::string(name)] = may_be_secret(name, value) ? kWithheld : std::string(value);
  }
  return variables;
}

}  // namespace ckptbench
