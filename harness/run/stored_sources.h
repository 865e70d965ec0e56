// The sources of users' Python strategies that a results folder holds (environment.json), for a run
// of which the files are absent here: a repeat on another machine needs nothing but the folder. A
// file that is here is used as it is, and compared elsewhere (source_difference).
// One owner; reads and writes files.
#pragma once

#include <string>
#include <vector>

#include "harness/core/json_text.h"
#include "harness/run/worker_program.h"

namespace ckptbench {

class StoredSources {
 public:
  StoredSources() = default;
  // `fields`: of an environment.json. Throws ExitError(kUsage): a stored source is damaged, or two
  // absent files of one name had different sources.
  explicit StoredSources(const nlohmann::json& fields);

  bool empty() const { return sources_.empty(); }
  // Writes them into `folder` and lets the worker find them there. Throws ExitError(kEnvironment).
  void put(const std::string& folder, WorkerProgram& worker) const;
  // One line for each, of the run that stored them: what is used in the place of what.
  std::vector<std::string> notes(const std::string& earlier, const std::string& folder) const;

 private:
  struct Source {
    std::string file;  // as the strategy names it
    std::string text;
  };
  void add(const nlohmann::json& row);

  std::vector<Source> sources_;
};

}  // namespace ckptbench
