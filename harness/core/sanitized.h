// Whether this is a sanitizer's build: its processes start in seconds and run many times slower,
// and a process that has forked from one that was instrumented is not to be trusted.
#pragma once

namespace ckptbench {

#ifdef CKPT_SANITIZED
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace ckptbench
