#include "harness/run/recorded_variables.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>

namespace ckptbench {
namespace {

// Sets a variable for the time of a call.
nlohmann::json recorded_with(const std::string& name, const char* value) {
  std::optional<std::string> before;
  if (const char* given = std::getenv(name.c_str())) before = given;
  ::setenv(name.c_str(), value, 1);
  const nlohmann::json variables = recorded_variables();
  before ? ::setenv(name.c_str(), before->c_str(), 1) : ::unsetenv(name.c_str());
  return variables;
}

TEST(RecordedVariables, WhatChangesAWorkerIsThere) {
  for (const char* name : {"ATEN_CPU_CAPABILITY",
                           "ONEDNN_MAX_CPU_ISA",
                           "DNNL_VERBOSE",
                           "TORCH_NCCL_BLOCKING_WAIT",
                           "TORCHINDUCTOR_FREEZING",
                           "PYTORCH_ALLOC_CONF",
                           "FBGEMM_ENABLE_INSTRUCTIONS",
                           "OMP_NUM_THREADS",
                           "OMP_PROC_BIND",
                           "GOMP_SPINCOUNT",
                           "KMP_AFFINITY",
                           "MKL_NUM_THREADS",
                           "MKL_ENABLE_INSTRUCTIONS",
                           "OPENBLAS_CORETYPE",
                           "NPY_DISABLE_CPU_FEATURES",
                           "CUDA_VISIBLE_DEVICES",
                           "CUBLAS_WORKSPACE_CONFIG",
                           "CUBLASLT_LOG_LEVEL",
                           "CUDNN_LOGLEVEL",
                           "CUFILE_ENV_PATH_JSON",
                           "NVIDIA_TF32_OVERRIDE",
                           "NVTX_INJECTION64_PATH",
                           "NCCL_ALGO",
                           "NCCL_IB_PKEY",
                           "GLOO_SOCKET_IFNAME",
                           "GLIBC_TUNABLES",
                           "MALLOC_ARENA_MAX",
                           "MALLOC_CONF",
                           "LD_LIBRARY_PATH",
                           "PYTHONHASHSEED",
                           "PYTHONMALLOC",
                           "LC_ALL",
                           "LANG",
                           "TMPDIR",
                           "DCP_DISABLE_AUTOMATIC_GC",
                           "RAYON_NUM_THREADS",
                           "ASAN_OPTIONS",
                           "WORLD_SIZE"}) {
    EXPECT_EQ(recorded_with(name, "some=value").value(name, ""), "some=value") << name;
  }
}

TEST(RecordedVariables, OthersStayOut) {
  for (const char* name :
       {"AWS_SECRET_ACCESS_KEY", "HF_TOKEN", "USER", "HOME", "LANGSMITH_PROJECT", "RANKING",
        "SSH_AUTH_SOCK", "PIP_INDEX_URL", "https_proxy", "WANDB_API_KEY"}) {
    EXPECT_FALSE(recorded_with(name, "x").contains(name)) << name;
  }
}

// What was set is still to be seen.
TEST(RecordedVariables, AValueThatMayBeASecretIsWithheld) {
  for (const char* name : {"CKPT_UPLOAD_TOKEN", "PYTHON_KEYRING_PASSWORD", "CUDA_LICENSE_KEY",
                           "TORCH_HUB_CREDENTIALS", "MKL_SECRET", "PYTORCH_AUTH"}) {
    EXPECT_EQ(recorded_with(name, "hunter2").value(name, ""), kWithheld) << name;
  }
  EXPECT_EQ(recorded_with("TORCHINDUCTOR_REDIS_URL", "redis://me:hunter2@host/0")
                .value("TORCHINDUCTOR_REDIS_URL", ""),
            kWithheld);
}

}  // namespace
}  // namespace ckptbench
