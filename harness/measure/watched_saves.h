// What the saves of a strategy do with their files, as a process with the preload library saw it
// (watch_job.h), for the one that measures them without it. Plain values; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/error.h"
#include "harness/measure/save_sequence.h"
#include "harness/measure/written_files.h"

namespace ckptbench {

// The report of JobRole::kWatch.
inline constexpr const char* kWatchReport = "watch.report.json";

struct WatchedSaves {
  std::vector<SaveSequence> saves = {};  // one after another, the first into the empty folder

  // Empty where there is no such file. Errors: it cannot be read.
  static Result<WatchedSaves> read(const std::string& path);
  // Of the job whose own report has this path.
  static Result<WatchedSaves> beside(const std::string& report_path);

  // `written` in the sequence of the watched save that is most like it: as many files, then the
  // nearest number of bytes, then the latest. Where none was watched it goes by what the save
  // claims.
  PlainSave plain(const Written& written, bool survives_power) const;

  // Whether a file was written past the page cache; nothing where no writes were seen.
  std::optional<bool> direct() const;
};

void to_json(nlohmann::json& out, const WatchedSaves& value);
void from_json(const nlohmann::json& in, WatchedSaves& value);

}  // namespace ckptbench
