// Strategies whose files are right and whose words about them are not.
#include "harness/platform/file.h"
#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_ops.h"
#include "strategies/broken/file_strategy.h"

namespace ckptbench {
namespace {

// Flaw: the list says that a checkpoint survives a loss of power, and nothing is synced, as each
// acknowledgement admits.
class ClaimsMore : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

 protected:
  Status publish(const Image& image) override {
    const std::string target = path(file_name(image.seq()));
    {
      Result<PieceFile> file = PieceFile::create(target + ".tmp");
      if (!file) return file.error();
      if (Status sized = file.value().resize(0); !sized) return sized;
      if (Status written = file.value().write(image.bytes()); !written) return written;
    }
    return rename_file(target + ".tmp", target);
  }

  SaveOutcome commit(const Image& image) override {
    constexpr Survives kProcess{.process = true};
    const uint64_t step = image.request().step;
    if (const Status published = publish(image); !published) {
      context().observer.failed(step, published.error().message);
      return Failed{published.error().message};
    }
    context().observer.durable(step, image.seq(), kProcess);
    return Durable{kProcess};
  }
};

// Flaw: wait() looks for the file by its temporary name, which it has no longer, and says that a
// save has failed that the observer was told is durable.
class Contradicting : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point) override {
    const SaveOutcome known = outcome(ticket);
    if (!std::holds_alternative<Durable>(known)) return known;
    return Failed{path("checkpoint.bin.tmp") + ": no such file"};
  }
};

}  // namespace

BrokenRow claiming_more_row() {
  return {.name = "broken-claims-more",
          .summary = "claims to survive a loss of power, and syncs nothing",
          .source = "https://github.com/basecamp/basecamp-sdk/issues/764",
          .make = new_strategy<ClaimsMore>,
          .data = DataVerdict::kBitExact,
          .finding = Finding::kClaimMismatch};
}
BrokenRow contradicting_row() {
  return {.name = "broken-contradicts",
          .summary = "wait() says that a save failed which the observer was told is durable",
          .source = "https://github.com/microsoft/garnet/pull/2145",
          .make = new_strategy<Contradicting>,
          .finding = Finding::kAckConflict};
}

}  // namespace ckptbench
