#include "harness/run/environment_file.h"

#include <fmt/format.h>
#include <gnu/libc-version.h>
#include <link.h>
#include <xxhash.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "harness/core/digest.h"
#include "harness/core/json_text.h"
#include "harness/core/python_name.h"
#include "harness/platform/files.h"
#include "harness/platform/installation.h"
#include "harness/platform/machine.h"
#include "harness/platform/process.h"
#include "harness/run/build_info.h"
#include "harness/run/recorded_variables.h"
#include "harness/run/utc_now.h"

namespace ckptbench {
namespace {

constexpr const char* kFile = "/environment.json";
constexpr double kPythonDeadlineS = 30;
constexpr uint64_t kMaxSourceBytes = 4 << 20;

// "6.0.30" of libstdc++.so.6.0.30: the file that is loaded has its version in its name. "unknown":
// no such file is loaded, as where it is linked into the program.
std::string loaded_version(const std::string& library) {
  struct Search {
    std::string begin;
    std::string path;
  } search{library + ".so.", ""};
  const auto look = [](dl_phdr_info* info, size_t, void* at) {
    auto* found = static_cast<Search*>(at);
    const std::filesystem::path path(info->dlpi_name);
    if (!path.filename().string().starts_with(found->begin)) return 0;
    found->path = path.string();
    return 1;
  };
  if (::dl_iterate_phdr(look, &search) == 0) return "unknown";
  std::error_code error;
  const std::string name = std::filesystem::canonical(search.path, error).filename().string();
  return name.starts_with(search.begin) ? name.substr(search.begin.size()) : "unknown";
}

std::string xxhash_version() {
  const unsigned number = XXH_versionNumber();
  return fmt::format("{}.{}.{}", number / 10000, number / 100 % 100, number % 100);
}

// `versions`: what the worker says; added is what both programs use. The kernel is a fact of the
// machine.
nlohmann::json version_rows(nlohmann::json versions) {
  versions["glibc"] = gnu_get_libc_version();
  versions["libstdc++"] = loaded_version("libstdc++");
  versions["xxhash"] = xxhash_version();
  versions["compiler"] = __VERSION__;
  return versions;
}

// {"python": version, "executable": path, "packages": {name: version}}, or {"error": why}.
nlohmann::json python_facts() {
  SpawnOptions options;
  options.argv = {python_program(CKPT_PYTHON), "-c",
                  "import importlib.metadata as m, json, platform, sys\n"
                  "print(json.dumps({'python': platform.python_version(), 'executable': "
                  "sys.executable, 'packages': {d.name: d.version for d in m.distributions()}}))"};
  options.out = Stdio::pipe();
  auto process = Process::spawn(options);
  if (!process) return {{"error", process.error().message}};
  const auto answer = process.value().communicate("", Until::seconds(kPythonDeadlineS));
  const nlohmann::json facts = try_parse_json(answer.text);
  if (answer.end == WaitEnd::kReady && facts.is_object()) return facts;
  return {{"error", options.argv.front() + " did not list its packages"}};
}

// Adds "file", "source_digest" and "source_text" to the row of a user's strategy. `stored`: the
// folder with sources of files that are absent, or empty.
void add_source(const std::string& name, const std::string& stored, nlohmann::json& row) {
  const auto file = user_file(name);
  if (!file) return;
  const bool absent = !stored.empty() && !std::filesystem::exists(*file);
  const auto text = read_file(absent ? stored_source_path(stored, *file) : *file, kMaxSourceBytes);
  if (!text) throw ExitError(ExitCode::kEnvironment, text.error().message);
  row["file"] = *file;
  row["source_digest"] = to_hex(digest_of(bytes_of(text.value())));
  row["source_text"] = text.value();
}

nlohmann::json machine_rows(const std::string& out) {
  nlohmann::json rows = nlohmann::json::object();
  for (const auto& [fact, value] : machine_facts(describe_machine(), filesystem_of(out))) {
    rows[fact] = value;
  }
  return rows;
}

// What decides how a run goes, by file name: ckptbench, and what stands beside the worker.
nlohmann::json program_digests(const WorkerProgram& worker) {
  namespace fs = std::filesystem;
  const fs::path beside = fs::path(worker.executable).parent_path();
  nlohmann::json digests = nlohmann::json::object();
  for (const fs::path& program :
       {fs::path(fs::read_symlink("/proc/self/exe")), fs::path(worker.executable),
        fs::path(worker.executable + "-cuda"), fs::path(worker.preload),
        beside / "ckpt_python_bridge.so"}) {
    const auto bytes = read_file(program.string());
    if (!bytes && !fs::exists(program)) continue;  // a build without it
    if (!bytes) throw ExitError(ExitCode::kEnvironment, bytes.error().message);
    digests[program.filename().string()] = to_hex(digest_of(bytes_of(bytes.value())));
  }
  return digests;
}

nlohmann::json strategy_rows(const CheckedNames& names) {
  nlohmann::json rows = nlohmann::json::array();
  for (const auto& [text, info] : names.strategies) {
    nlohmann::json row = {{"selection", text},        {"name", info.name},
                          {"group", info.group},      {"survives", info.survives},
                          {"summary", info.summary},  {"source", info.source},
                          {"may_skip", info.may_skip}};
    add_source(info.name, names.stored_sources, row);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

Environment collect_environment(const RunSelection& selection, uint64_t seed,
                                const Description& description, const CheckedNames& names,
                                const WorkerProgram& worker, const std::string& out) {
  Environment environment;
  environment.fields = {
      {"seed", seed},
      {"strategies", strategy_rows(names)},
      {"started_utc", utc_now()},
      {"machine", machine_rows(out)},
      {"versions", version_rows(description.versions)},
      {"variables", recorded_variables()},
      {"build",
       {{"commit", kBuildCommit}, {"type", kBuildType}, {"programs", program_digests(worker)}}}};
  add_selection(selection, environment.fields);
  const bool python =
      std::any_of(names.strategies.begin(), names.strategies.end(),
                  [](const auto& named) { return is_python_strategy(named.second.name); });
  if (python) environment.fields["python"] = python_facts();
  return environment;
}

std::string build_text() {
  return fmt::format("commit {}, {}", kBuildCommit, kBuildType);
}

Environment resumed_environment(Environment earlier, const Environment& now) {
  nlohmann::json row = {{"started_utc", now.fields.at("started_utc")}};
  for (const char* key : {"machine", "versions", "variables", "python"}) {
    const nlohmann::json value = now.fields.value(key, nlohmann::json());
    if (value != earlier.fields.value(key, nlohmann::json())) row[key] = value;
  }
  earlier.fields["selection"] = now.fields.at("selection");
  earlier.fields["resumed"].push_back(std::move(row));
  return earlier;
}

nlohmann::json& newest_part(Environment& environment) {
  nlohmann::json& fields = environment.fields;
  return fields.contains("resumed") ? fields["resumed"].back() : fields;
}

std::string build_difference(const nlohmann::json& fields, const WorkerProgram& worker) {
  const std::string commit = fields.value("/build/commit"_json_pointer, "");
  if (commit != kBuildCommit) {
    return fmt::format("build {}, this is {}", commit.empty() ? "unknown" : commit, kBuildCommit);
  }
  const nlohmann::json theirs =
      fields.value("/build/programs"_json_pointer, nlohmann::json::object());
  const nlohmann::json ours = program_digests(worker);
  for (const auto& [name, digest] : ours.items()) {
    if (!theirs.contains(name) || theirs.at(name) == digest) continue;
    return fmt::format("another build of {} ({} itself, but another {})", commit, commit, name);
  }
  return "";
}

std::string source_difference(const nlohmann::json& fields, const CheckedNames& names) {
  std::map<std::string, std::string> digests;
  for (const nlohmann::json& row : fields.value("strategies", nlohmann::json::array())) {
    digests[row.value("selection", "")] = row.value("source_digest", "");
  }
  for (const nlohmann::json& row : strategy_rows(names)) {
    const std::string selection = row.value("selection", "");
    if (digests[selection] != row.value("source_digest", "")) {
      return fmt::format("another {}", row.value("file", selection));
    }
  }
  return "";
}

Status write_environment(const Environment& environment, const std::string& out) {
  return write_file_atomically(out + kFile, json_text(environment.fields, 1) + "\n", Sync::kYes);
}

Environment read_environment(const std::string& out) {
  const auto text = read_file(out + kFile);
  if (!text) throw ExitError(ExitCode::kEnvironment, text.error().message);
  Environment environment;
  environment.fields = try_parse_json(text.value());
  if (!environment.fields.is_object()) {
    throw ExitError(ExitCode::kEnvironment,
                    fmt::format("{}{}: expected a JSON object", out, kFile));
  }
  return environment;
}

}  // namespace ckptbench
