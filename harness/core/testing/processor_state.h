// For tests: what a call from the training thread must leave as it found it. Upper halves of vector
// registers that stay in use make every later SSE loop several times slower; a changed rounding
// mode or signal mask changes training itself.
// Plain values; each thread has a state of its own.
#pragma once

#include <pthread.h>
#include <signal.h>

#include <cstdint>
#include <cstring>
#include <string>
#ifdef __x86_64__
#include <cpuid.h>
#endif

namespace ckptbench {

#ifdef __x86_64__

// Components of XCR0 and XINUSE. Not among them: the registers 16 to 31 of AVX-512, which no SSE
// instruction can name and which glibc's own copies therefore leave in use.
inline constexpr uint64_t kAvxState = 1U << 2;
inline constexpr uint64_t kZmmHi256State = 1U << 6;

inline uint64_t extended_control(uint32_t index) {
  uint32_t low = 0;
  uint32_t high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(index));
  return uint64_t{high} << 32 | low;
}

inline void clear_upper_halves() {
  asm volatile("vzeroupper" ::: "memory");
}

// In use after upper halves were written, read before the compiler can insert anything.
inline uint64_t in_use_after_avx() {
  uint32_t low = 0;
  uint32_t high = 0;
  asm volatile(
      "vpcmpeqd %%xmm0, %%xmm0, %%xmm0\n\tvinsertf128 $1, %%xmm0, %%ymm0, %%ymm0\n\txgetbv\n\t"
      "vzeroupper"
      : "=a"(low), "=d"(high)
      : "c"(1)
      : "xmm0");
  return uint64_t{high} << 32 | low;
}

// Empty, or why this processor does not show which vector registers are in use.
inline std::string why_vector_state_is_hidden() {
  uint32_t a = 0;
  uint32_t b = 0;
  uint32_t c = 0;
  uint32_t d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_OSXSAVE) == 0 ||
      (extended_control(0) & kAvxState) == 0) {
    return "the processor or the system has no AVX";
  }
  if (__get_cpuid_count(0xd, 1, &a, &b, &c, &d) == 0 || (a & 1U << 2) == 0) {
    return "the processor has no XINUSE (CPUID.(EAX=0DH,ECX=1):EAX bit 2)";
  }
  clear_upper_halves();
  if ((extended_control(1) & kAvxState) != 0) return "XINUSE stays set after vzeroupper";
  if ((in_use_after_avx() & kAvxState) == 0) return "XINUSE stays clear after AVX instructions";
  return {};
}

class ProcessorState {
 public:
  // As the calling thread is, with clean vector registers.
  static ProcessorState before_call() {
    static const bool visible = why_vector_state_is_hidden().empty();
    ProcessorState state;
    if (visible) clear_upper_halves();
    state.visible_ = visible;
    state.read_controls();
    return state;
  }

  // Empty, or what the calls of this thread since before_call() have changed.
  std::string changes() const {
    const uint64_t in_use = visible_ ? extended_control(1) : 0;
    ProcessorState after;
    after.read_controls();
    std::string changes;
    if ((in_use & kAvxState) != 0) changes += "upper halves of AVX registers are in use; ";
    if ((in_use & kZmmHi256State) != 0) changes += "upper halves of AVX-512 registers are in use; ";
    if (after.mxcsr_ != mxcsr_) changes += "MXCSR differs; ";
    if (after.x87_ != x87_) changes += "the x87 control word differs; ";
    if (std::memcmp(&after.blocked_, &blocked_, sizeof blocked_) != 0) {
      changes += "the signal mask differs; ";
    }
    return changes;
  }

 private:
  void read_controls() {
    constexpr uint32_t kSticky = 0x3f;  // what arithmetic may set at any time
    asm volatile("stmxcsr %0" : "=m"(mxcsr_));
    asm volatile("fnstcw %0" : "=m"(x87_));
    mxcsr_ &= ~kSticky;
    std::memset(&blocked_, 0, sizeof blocked_);
    ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked_);
  }

  bool visible_ = false;
  uint32_t mxcsr_ = 0;
  uint16_t x87_ = 0;
  sigset_t blocked_{};
};

#else

inline std::string why_vector_state_is_hidden() {
  return "only x86-64 is known to this test";
}

class ProcessorState {
 public:
  static ProcessorState before_call() { return {}; }
  std::string changes() const { return {}; }
};

#endif

}  // namespace ckptbench
