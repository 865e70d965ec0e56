#include <stdexcept>

#include "workloads/shapes.h"
#include "workloads/workload.h"

namespace ckptbench {

// A workload adds its two functions here and one row below; they are in its own file.
WorkloadInfo digits_mlp_info();
std::unique_ptr<Workload> make_digits_mlp(const Params& params, const std::string& device);
WorkloadInfo digits_cnn_info();
std::unique_ptr<Workload> make_digits_cnn(const Params& params, const std::string& device);
WorkloadInfo char_gpt_info();
std::unique_ptr<Workload> make_char_gpt(const Params& params, const std::string& device);

namespace {

struct Row {
  WorkloadInfo info;
  std::unique_ptr<Workload> (*make)(const Params& params, const std::string& device);
};

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows{
      {digits_mlp_info(), make_digits_mlp},
      {digits_cnn_info(), make_digits_cnn},
      {char_gpt_info(), make_char_gpt},
      {shapes_info(), make_shapes},
  };
  return kRows;
}

}  // namespace

const std::vector<WorkloadInfo>& workload_infos() {
  static const std::vector<WorkloadInfo> kInfos = [] {
    std::vector<WorkloadInfo> infos;
    for (const Row& row : rows()) infos.push_back(row.info);
    return infos;
  }();
  return kInfos;
}

std::unique_ptr<Workload> make_workload(const std::string& name, const Params& params,
                                        const std::string& device) {
  for (const Row& row : rows()) {
    if (row.info.name == name) return row.make(params, device);
  }
  throw std::invalid_argument("make_workload: no workload named '" + name + "'");
}

}  // namespace ckptbench
