// An observer for benchmarks, where what a strategy reports is of no interest. Any thread.
#pragma once

#include <cstdint>
#include <string>

#include "harness/core/observer.h"

namespace ckptbench {

class SilentObserver : public Observer {
 public:
  void captured(uint64_t /*step*/) override {}
  void durable(uint64_t /*step*/, uint64_t /*seq*/, Survives /*survives*/) override {}
  void failed(uint64_t /*step*/, const std::string& /*reason*/) override {}
  void retired(uint64_t /*step*/, uint64_t /*seq*/) override {}
};

}  // namespace ckptbench
