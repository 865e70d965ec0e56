// What the preload library costs a program that it is loaded into: write() of 8 bytes to /dev/null,
// straight to libc, through the disarmed hook, through the armed hook outside the root, and below
// the root, logged.
#include <benchmark/benchmark.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "faults/api/preload_library.h"

namespace ckptbench {
namespace {

using Write = ssize_t (*)(int, const void*, size_t);

struct Library {
  void* handle = ::dlopen(CKPT_FAULT_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  Write write = reinterpret_cast<Write>(::dlsym(handle, "write"));
  CkptFaultArm arm = reinterpret_cast<CkptFaultArm>(::dlsym(handle, "ckptfault_arm"));
};

void write_to(benchmark::State& state, Write function, const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT, 0644);
  for (auto _ : state) benchmark::DoNotOptimize(function(fd, "12345678", 8));
  ::close(fd);
}

void libc_write(benchmark::State& state) {
  write_to(state, ::write, "/dev/null");
}
BENCHMARK(libc_write);

void disarmed_write(benchmark::State& state) {
  const Library library;
  write_to(state, library.write, "/dev/null");
}
BENCHMARK(disarmed_write);

void armed_write_outside(benchmark::State& state) {
  const Library library;
  if (library.arm("/no/such/root", "", "/dev/null") != 0) state.SkipWithError("cannot be armed");
  write_to(state, library.write, "/dev/null");
  library.arm("", "", "");
}
BENCHMARK(armed_write_outside);

void armed_write_logged(benchmark::State& state) {
  const Library library;
  if (library.arm("/dev", "", "/dev/null") != 0) state.SkipWithError("cannot be armed");
  write_to(state, library.write, "/dev/null");
  library.arm("", "", "");
}
BENCHMARK(armed_write_logged);

}  // namespace
}  // namespace ckptbench
