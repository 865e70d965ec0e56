#include "harness/core/job.h"

#include <array>

#include "harness/core/json_fields.h"
#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

constexpr std::array<std::string_view, 7> kJobRoles{"reference", "train", "recover", "measure",
                                                    "restore",   "watch", "retained"};

constexpr auto kJobFields = [](auto& json, auto& job) {
  json.enumeration("role", job.role, kJobRoles);
  json.field("cell", job.cell);
  json.field("run_id", job.run_id);
  json.field("checkpoint_dir", job.checkpoint_dir);
  json.field("journal_path", job.journal_path);
  json.field("report_path", job.report_path);
  json.field("fault_log_path", job.fault_log_path);
  json.field("scratch_dir", job.scratch_dir);
  json.field("cold", job.cold);
  json.field("attempt", job.attempt);
  json.field("samples_leaks", job.samples_leaks);
  json.field("by_number", job.by_number);
  json.field("asked", job.asked);
};

}  // namespace

std::string_view job_role_name(JobRole role) {
  return kJobRoles.at(static_cast<size_t>(role));
}

void to_json(nlohmann::json& out, const Job& value) {
  write_fields(out, value, kJobFields);
}

void from_json(const nlohmann::json& in, Job& value) {
  read_fields(in, "job", value, kJobFields);
}

Result<Job> read_job(const std::string& path) {
  return read_json_file<Job>(path);
}

}  // namespace ckptbench
