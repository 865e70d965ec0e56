#include <condition_variable>
#include <mutex>

#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_strategy.h"

namespace ckptbench {
namespace {

// Flaw: the second save waits for a buffer that is never given back.
class Hanging : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

 protected:
  Status publish(const Image& image) override {
    std::unique_lock lock(mutex_);
    buffer_free_.wait(lock, [&] { return free_; });
    free_ = false;
    return FileStrategy::publish(image);
  }

 private:
  std::mutex mutex_;
  std::condition_variable buffer_free_;
  bool free_ = true;
};

}  // namespace

BrokenRow hanging_row() {
  return {.name = "broken-hang",
          .summary = "its second save never returns",
          .source = "https://github.com/pytorch/pytorch/pull/77091",
          .make = new_strategy<Hanging>,
          .finding = Finding::kHang};
}

}  // namespace ckptbench
