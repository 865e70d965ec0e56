#include "strategies/peers/peer_list.h"

#include "harness/core/near_names.h"
#include "strategies/peers/python_peers.h"
#include "strategies/peers/torch_save.h"

namespace ckptbench {
namespace {

std::vector<StrategyInfo> all_peers() {
  std::vector<StrategyInfo> peers{torch_save_info()};
  for (StrategyInfo& info : shipped_python_infos()) peers.push_back(std::move(info));
  return peers;
}

}  // namespace

const std::vector<StrategyInfo>& peer_strategies() {
  static const std::vector<StrategyInfo> peers = all_peers();
  return peers;
}

Result<StrategyInfo> find_peer(const std::string& name) {
  std::vector<std::string> names;
  for (const StrategyInfo& info : peer_strategies()) {
    if (info.name == name) return info;
    names.push_back(info.name);
  }
  if (is_python_spec(name)) return user_python_info(name, names);
  return Error{unknown_name("strategy", name, names)};
}

Status preload_peer(const Selection& selection) {
  if (!is_python_spec(selection.name)) return {};
  const Result<StrategyInfo> info = find_peer(selection.name);
  if (!info) return info.error();
  return preload_python(selection, info.value());
}

Result<std::unique_ptr<Strategy>> make_peer(const Selection& selection,
                                            const StrategyContext& context) {
  const Result<StrategyInfo> info = find_peer(selection.name);
  if (!info) return info.error();
  if (is_python_spec(selection.name)) return make_python(selection, info.value(), context);
  const Result<Params> params = Params::make(selection.name, info.value().params, selection.params);
  if (!params) return params.error();
  return make_torch_save(context);
}

}  // namespace ckptbench
