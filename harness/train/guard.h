// The one place that turns an exception thrown by a strategy into evidence against it. Everything
// the worker asks of a strategy goes through guarded(), so that an exception of the harness itself
// never counts against a strategy. An ExitError is the harness's own word (a CUDA call that failed,
// a file of ours that cannot be written) and passes through. Any thread.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "harness/core/error.h"

namespace ckptbench {

class StrategyBroken : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Calls; whatever it throws becomes StrategyBroken("exception: …").
template <class Call>
decltype(auto) guarded(Call&& call) {
  try {
    return std::forward<Call>(call)();
  } catch (const ExitError&) {
    throw;
  } catch (const std::exception& error) {
    throw StrategyBroken(std::string("exception: ") + error.what());
  } catch (...) {
    throw StrategyBroken("exception: not a std::exception");
  }
}

}  // namespace ckptbench
