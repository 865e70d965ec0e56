#include "harness/run/stored_sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <span>

#include "harness/core/digest.h"
#include "harness/core/error.h"
#include "harness/core/python_name.h"
#include "harness/platform/files.h"
#include "harness/run/job_files.h"

namespace ckptbench {

StoredSources::StoredSources(const nlohmann::json& fields) {
  const auto rows = fields.find("strategies");
  if (rows == fields.end() || !rows->is_array()) return;
  for (const nlohmann::json& row : *rows) {
    if (row.is_object() && row.contains("source_text")) add(row);
  }
}

void StoredSources::add(const nlohmann::json& row) {
  Source source{row.value("file", ""), row.value("source_text", "")};
  if (source.file.empty() || std::filesystem::exists(source.file)) return;
  if (to_hex(digest_of(bytes_of(source.text))) != row.value("source_digest", "")) {
    throw ExitError(ExitCode::kUsage,
                    fmt::format("{}: is absent, and its stored source is not the one that was run "
                                "(source_digest); expected the file",
                                source.file));
  }
  for (const Source& other : sources_) {
    if (stored_source_path("", other.file) != stored_source_path("", source.file)) continue;
    if (other.file == source.file) return;
    throw ExitError(ExitCode::kUsage, fmt::format("{} and {}: are absent, and their stored sources "
                                                  "have one name; expected one of the files",
                                                  other.file, source.file));
  }
  sources_.push_back(std::move(source));
}

void StoredSources::put(const std::string& folder, WorkerProgram& worker) const {
  if (empty()) return;
  make_folder(folder);
  for (const Source& source : sources_) {
    const Status written =
        write_file_atomically(stored_source_path(folder, source.file), source.text, Sync::kNo);
    if (!written) throw ExitError(ExitCode::kEnvironment, written.error().message);
  }
  worker.stored_sources = folder;
}

std::vector<std::string> StoredSources::notes(const std::string& earlier,
                                              const std::string& folder) const {
  std::vector<std::string> lines;
  for (const Source& source : sources_) {
    lines.push_back(
        fmt::format("note: {} is absent; its source stored in {} is run from {} (modules that it "
                    "imports from its own folder are not stored)",
                    source.file, earlier, stored_source_path(folder, source.file)));
  }
  return lines;
}

}  // namespace ckptbench
