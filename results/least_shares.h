// A time below these shares is not worth a word: in the marks, as interference that needs a cause,
// and in the advice of `explain`. Plain constants; any thread.
#pragma once

namespace ckptbench {

inline constexpr double kLeastOfStall = 0.10;
inline constexpr double kLeastOfStep = 0.05;  // of a plain step

}  // namespace ckptbench
