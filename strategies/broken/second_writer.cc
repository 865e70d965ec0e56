#include <chrono>
#include <future>
#include <thread>
#include <utility>

#include "harness/platform/file.h"
#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_ops.h"
#include "strategies/broken/file_strategy.h"

namespace ckptbench {
namespace {

// A file above this is shared between two writers.
constexpr size_t kAloneBytes = 16384;

// Flaw: a second thread writes the other half of a large file, and the rename does not wait for it.
// A small file has one writer, and is right. The thread is gated, so that what a slow disk does now
// and then happens every time: it writes when the next save begins, or when training waits.
class SecondWriter : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;
  ~SecondWriter() override { finish(); }

  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) override {
    if (deadline > std::chrono::steady_clock::now()) finish();
    return outcome(ticket);
  }

 protected:
  Status publish(const Image& image) override {
    finish();
    if (image.bytes().size() <= kAloneBytes) return FileStrategy::publish(image);
    const std::string target = path(file_name(image.seq()));
    const size_t half = image.bytes().size() / 2;
    {
      Result<PieceFile> file = PieceFile::create(target + ".tmp");
      if (!file) return file.error();
      if (Status sized = file.value().resize(image.bytes().size()); !sized) return sized;
      if (Status begun = start_second(target + ".tmp", image, half); !begun) return begun;
      if (Status written = file.value().write(image.bytes().first(half)); !written) return written;
      if (Status synced = file.value().sync(); !synced) return synced;
    }
    if (Status renamed = rename_file(target + ".tmp", target); !renamed) return renamed;
    return sync_directory(context().directory);
  }

 private:
  Status start_second(const std::string& temporary, const Image& image, size_t half) {
    Result<PieceFile> opened = PieceFile::create(temporary);
    if (!opened) return opened.error();
    if (Status at = opened.value().seek(half); !at) return at;
    gate_ = std::promise<void>();
    second_ = std::thread(write_rest, gate_.get_future(), image, half, std::move(opened).value());
    return {};
  }

  // The image is the thread's own copy.
  static void write_rest(std::future<void> open, const Image& image, size_t half, PieceFile file) {
    open.wait();
    if (file.write(image.bytes().subspan(half))) static_cast<void>(file.sync());
  }

  void finish() {
    if (!second_.joinable()) return;
    gate_.set_value();
    second_.join();
  }

  std::promise<void> gate_;  // opened once
  std::thread second_;
};

}  // namespace

BrokenRow second_writer_row() {
  return {.name = "broken-second-writer",
          .summary = "renames a file while a second thread still writes its other half",
          .source = "https://github.com/apache/seatunnel/pull/11103",
          .make = new_strategy<SecondWriter>,
          .fault = kill_at("unlink", "*", 1, "after"),
          .data = DataVerdict::kLostAck};
}

}  // namespace ckptbench
