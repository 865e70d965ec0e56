#include <fmt/format.h>

#include <cstdio>

#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_strategy.h"

namespace ckptbench {
namespace {

// Flaw: a child process writes the one file in place, and the checkpoint is reported as durable
// before that child has finished.
class ChildWriter : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;
  ~ChildWriter() override { static_cast<void>(finish_child()); }

 protected:
  std::string file_name(uint64_t) const override { return "checkpoint.bin"; }

  SaveOutcome commit(const Image& image) override {
    if (const Status finished = finish_child(); !finished) return Failed{finished.error().message};
    const std::string file = path(file_name(image.seq()));
    child_ = ::popen(fmt::format("exec cat > '{}'", file).c_str(), "w");
    if (child_ == nullptr) return Failed{"cat cannot be started"};
    const auto bytes = image.bytes();
    if (std::fwrite(bytes.data(), 1, bytes.size(), child_) != bytes.size()) {
      return Failed{file + ": the child does not take the bytes"};
    }
    context().observer.durable(image.request().step, image.seq(), kProcessAndPower);
    return Durable{kProcessAndPower};
  }

 private:
  Status finish_child() {
    if (child_ == nullptr) return {};
    const int status = ::pclose(std::exchange(child_, nullptr));
    return status == 0 ? Status() : Status(Error{fmt::format("cat ended with {}", status)});
  }

  std::FILE* child_ = nullptr;
};

}  // namespace

BrokenRow child_writer_row() {
  return {.name = "broken-child-writer",
          .summary = "a child process writes in place, and is acknowledged before its end",
          .source = "https://github.com/Lightning-AI/pytorch-lightning/issues/688",
          .make = new_strategy<ChildWriter>,
          .fault = kill_at("open", "checkpoint.bin", 2, "after"),
          .data = DataVerdict::kDetectedUnrecoverable};
}

}  // namespace ckptbench
