// Whether this is a sanitizer's build: its processes start in seconds and run many times slower.
#pragma once

namespace ckptbench {

#ifdef CKPT_SANITIZED
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace ckptbench
