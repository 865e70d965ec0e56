#include "harness/core/job.h"

#include <array>

#include "harness/core/json_fields.h"
#include "harness/core/json_text.h"

namespace ckptbench {
namespace {

constexpr std::array<std::string_view, 5> kRoles{"reference", "train", "recover", "measure",
                                                 "restore"};

}  // namespace

std::string_view job_role_name(JobRole role) {
  return kRoles.at(static_cast<size_t>(role));
}

void to_json(nlohmann::json& out, const Job& value) {
  out = {{"role", job_role_name(value.role)},
         {"cell", value.cell},
         {"run_id", value.run_id},
         {"checkpoint_dir", value.checkpoint_dir},
         {"journal_path", value.journal_path},
         {"report_path", value.report_path},
         {"fault_log_path", value.fault_log_path},
         {"scratch_dir", value.scratch_dir},
         {"moment_ns", value.moment_ns},
         {"cold", value.cold},
         {"attempt", value.attempt}};
}

void from_json(const nlohmann::json& in, Job& value) {
  JsonFields fields(in, "job");
  fields.get_enum("role", value.role, kRoles);
  fields.get("cell", value.cell);
  fields.get("run_id", value.run_id);
  fields.get("checkpoint_dir", value.checkpoint_dir);
  fields.get("journal_path", value.journal_path);
  fields.get("report_path", value.report_path);
  fields.get("fault_log_path", value.fault_log_path);
  fields.get("scratch_dir", value.scratch_dir);
  fields.get("moment_ns", value.moment_ns);
  fields.get("cold", value.cold);
  fields.get("attempt", value.attempt);
  fields.done();
}

Result<Job> read_job(const std::string& path) {
  return read_json_file<Job>(path);
}

}  // namespace ckptbench
