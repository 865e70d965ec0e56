#include <filesystem>

#include "harness/platform/file.h"
#include "strategies/broken/broken_row.h"
#include "strategies/broken/file_strategy.h"

namespace ckptbench {
namespace {

Status remove_all_files(const std::string& directory) {
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (Status removed = remove_file(entry.path().string()); !removed) return removed;
  }
  return {};
}

// Flaw: deletes all that lies in the directory before it writes. It has no background work and
// reports nothing: its word is that save() returned.
class DeleteFirst : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

 protected:
  SaveOutcome commit(const Image& image) override {
    if (Status removed = remove_all_files(context().directory); !removed) {
      return Failed{removed.error().message};
    }
    if (Status published = publish(image); !published) return Failed{published.error().message};
    return Durable{kProcessAndPower};
  }
};

// Flaw: the same, and who only asks is never told that a save is durable, so that a judge who
// relies on acknowledgements has nothing to miss.
class NeverAcknowledging : public DeleteFirst {
 public:
  using DeleteFirst::DeleteFirst;

  SaveOutcome wait(Ticket ticket, std::chrono::steady_clock::time_point deadline) override {
    const bool may_block = deadline > std::chrono::steady_clock::now();
    return may_block ? outcome(ticket) : Pending{};
  }
};

// Flaw: writes under the final name, and a restore that meets a damaged file clears the directory.
class RepairByDeleting : public FileStrategy {
 public:
  using FileStrategy::FileStrategy;

  RestoreOutcome restore(StateView& state, const Want& want, Replay* replay) override {
    RestoreOutcome outcome = FileStrategy::restore(state, want, replay);
    const Restored* restored = std::get_if<Restored>(&outcome);
    if (restored != nullptr && restored->passed_over.empty()) return outcome;
    if (Status removed = remove_all_files(context().directory); !removed) {
      return Refused{removed.error().message};
    }
    return Nothing{};
  }

 protected:
  Status publish(const Image& image) override { return publish_in_place(image); }
};

}  // namespace

BrokenRow delete_first_row() {
  return {.name = "broken-delete-first",
          .summary = "deletes everything before it writes, and acknowledges by returning",
          .source = "https://github.com/bghira/SimpleTuner/pull/2989",
          .make = new_strategy<DeleteFirst>,
          .fault = kill_at("unlink", "*", 1, "after"),
          .data = DataVerdict::kSilentRestart,
          .background = false};
}
BrokenRow never_acknowledging_row() {
  return {.name = "broken-never-acknowledges",
          .summary =
              "deletes everything before it writes, and says durable only to a wait() that blocks",
          .source = "https://github.com/finos/opengris-scaler/issues/24",
          .make = new_strategy<NeverAcknowledging>,
          .fault = kill_at("unlink", "*", 2, "after"),
          .data = DataVerdict::kSilentRestart,
          .finding = Finding::kNeverAcknowledged};
}
BrokenRow repair_by_deleting_row() {
  return {.name = "broken-repair",
          .summary = "clears the directory when a restore meets a damaged file",
          .source = "https://github.com/iltsarev/detach/issues/178",
          .make = new_strategy<RepairByDeleting>,
          .fault = kill_at("write", "checkpoint-2.bin", 1, "partial"),
          .data = DataVerdict::kSilentRestart};
}

}  // namespace ckptbench
