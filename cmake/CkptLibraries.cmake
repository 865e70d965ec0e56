find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(Threads REQUIRED)
include(GoogleTest)

# Header-only or without a CMake package of their own in Debian 12.
find_library(CKPT_XXHASH xxhash REQUIRED)
find_library(CKPT_ZSTD zstd REQUIRED)
find_path(CKPT_TOMLPP toml++/toml.h REQUIRED)
find_path(CKPT_CLI11 CLI/CLI.hpp REQUIRED)
find_path(CKPT_BOOST boost/process/v2.hpp REQUIRED)
