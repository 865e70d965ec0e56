# Precompiled headers: reading the headers below costs more than compiling most files of ours. Three,
# since tests are compiled with flags of their own and torch brings an fmt of its own:
#   ckpt_pch        std, fmt               ckpt_library
#   ckpt_torch_pch  std, ATen              ckpt_library(… TORCH)
#   ckpt_test_pch   std, fmt, GoogleTest   ckpt_tests, unless TORCH
# Files still name what they include; scripts/tidy.sh reads them without these.
set(CKPT_PCH_STD
  <algorithm> <array> <atomic> <chrono> <condition_variable> <cstdint> <filesystem> <fstream>
  <functional> <map> <memory> <mutex> <numeric> <optional> <random> <set> <span> <string>
  <string_view> <thread> <utility> <variant> <vector>)
# Not nlohmann/json.hpp: it leaves templates that every file would instantiate again, used or not.
set(CKPT_PCH_HEADERS ${CKPT_PCH_STD} <fmt/format.h>)

file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/generated/pch.cc" CONTENT "int main() { return 0; }\n")
add_library(ckpt_pch STATIC EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/generated/pch.cc")
target_link_libraries(ckpt_pch PRIVATE ckpt_flags fmt::fmt)
target_precompile_headers(ckpt_pch PRIVATE ${CKPT_PCH_HEADERS})

if(CKPT_HAS_TESTS)
  add_executable(ckpt_test_pch EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/generated/pch.cc")
  target_link_libraries(ckpt_test_pch PRIVATE ckpt_test_flags fmt::fmt GTest::gtest GTest::gmock)
  target_precompile_headers(ckpt_test_pch PRIVATE ${CKPT_PCH_HEADERS} <gmock/gmock.h> <gtest/gtest.h>)
endif()

if(CKPT_TORCH)
  add_library(ckpt_torch_pch STATIC EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/generated/pch.cc")
  target_link_libraries(ckpt_torch_pch PRIVATE ckpt_flags torch_headers)
  target_compile_options(ckpt_torch_pch PRIVATE -fopenmp)
  target_precompile_headers(ckpt_torch_pch PRIVATE ${CKPT_PCH_STD} <ATen/ATen.h> <ATen/Parallel.h>)
endif()
