// The libFuzzer side of one target, CKPT_FUZZ_TARGET. `--write_seeds=FOLDER` writes its seeds there
// and ends; everything else is libFuzzer's.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "fuzz/fuzz_target.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace ckptbench {
namespace {

const FuzzTarget& the_target() {
  static const FuzzTarget target = CKPT_FUZZ_TARGET();
  return target;
}

int write_seeds(const std::string& folder) {
  int number = 0;
  for (const std::string& seed : the_target().seeds()) {
    std::ofstream file(folder + "/seed-" + std::to_string(number++), std::ios::binary);
    file << seed;
    if (!file.flush()) {
      std::fprintf(stderr, "%s: a seed cannot be written\n", folder.c_str());
      return 1;
    }
  }
  return 0;
}

std::string mutated_blindly(std::string_view input, size_t max_size) {
  std::string bytes(input.substr(0, max_size));
  const size_t size = bytes.size();
  bytes.resize(max_size);
  bytes.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(bytes.data()), size, max_size));
  return bytes;
}

}  // namespace
}  // namespace ckptbench

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  constexpr std::string_view kWrite = "--write_seeds=";
  for (int i = 1; i < *argc; ++i) {
    const std::string_view argument = (*argv)[i];
    if (!argument.starts_with(kWrite)) continue;
    std::exit(ckptbench::write_seeds(std::string(argument.substr(kWrite.size()))));
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ckptbench::the_target().run({reinterpret_cast<const char*>(data), size});
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned int seed) {
  ckptbench::Prng random(seed);
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  // Structure half of the time: what the parser refuses early must be tried as well.
  if (random.below(2) == 0) {
    const auto blind = [&](std::string_view part) {
      return ckptbench::mutated_blindly(part, part.size() + 64);
    };
    const std::string changed = ckptbench::the_target().mutate(input, random, blind);
    if (!changed.empty() && changed.size() <= max_size) {
      std::memcpy(data, changed.data(), changed.size());
      return changed.size();
    }
  }
  return LLVMFuzzerMutate(data, size, max_size);
}
