// A device that records the calls on its copy streams and keeps all memory on the host, so that the
// order in which a strategy waits and copies can be checked without a GPU. Borrowed by the test;
// any thread.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "harness/platform/device.h"

namespace ckptbench {

class CopyLogDevice : public Device {
 public:
  // The calls on one stream, in order: "after training", "to host", "to device", "wait".
  using Calls = std::vector<std::string>;

  std::string name() const override { return "recording"; }
  Result<std::unique_ptr<HostBuffer>> allocate_host(uint64_t bytes) override {
    return host_->allocate_host(bytes);
  }
  std::unique_ptr<CopyStream> make_stream() override {
    const std::lock_guard lock(mutex_);
    streams_.push_back(std::make_shared<Calls>());
    return std::make_unique<LoggedStream>(streams_.back());
  }
  void synchronize_training() override {}
  std::optional<uint64_t> memory_used() override { return std::nullopt; }

  // Of all streams made so far. With no copy under way.
  std::vector<Calls> streams() const {
    std::vector<Calls> all;
    for (const auto& calls : streams_) all.push_back(*calls);
    return all;
  }
  // Of all streams on which something was copied to the device. With no copy under way.
  std::vector<Calls> loads() const {
    std::vector<Calls> found;
    for (const auto& calls : streams_) {
      if (std::find(calls->begin(), calls->end(), "to device") != calls->end()) {
        found.push_back(*calls);
      }
    }
    return found;
  }

 private:
  class LoggedStream : public CopyStream {
   public:
    explicit LoggedStream(std::shared_ptr<Calls> calls) : calls_(std::move(calls)) {}
    void wait_for_training() override { calls_->push_back("after training"); }
    void to_host(std::byte* to, const std::byte* from, uint64_t bytes) override {
      calls_->push_back("to host");
      if (bytes > 0) std::memcpy(to, from, bytes);
    }
    void to_device(std::byte* to, const std::byte* from, uint64_t bytes) override {
      calls_->push_back("to device");
      if (bytes > 0) std::memcpy(to, from, bytes);
    }
    void wait() override { calls_->push_back("wait"); }

   private:
    std::shared_ptr<Calls> calls_;
  };

  std::unique_ptr<Device> host_ = make_cpu_device();
  std::mutex mutex_;
  std::vector<std::shared_ptr<Calls>> streams_;
};

}  // namespace ckptbench
