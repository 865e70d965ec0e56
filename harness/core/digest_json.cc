#include "harness/core/digest_json.h"

#include <fmt/format.h>

#include <stdexcept>

#include "harness/core/json_text.h"

namespace ckptbench {

nlohmann::json digests_to_json(const ComponentDigests& digests) {
  nlohmann::json out = nlohmann::json::object();
  for (const auto& [role, digest] : digests) out[std::string(role_name(role))] = to_hex(digest);
  return out;
}

ComponentDigests digests_from_json(const nlohmann::json& in) {
  if (!in.is_object()) throw std::runtime_error("digests: expected an object");
  ComponentDigests digests;
  for (const auto& [name, value] : in.items()) {
    const auto role = parse_role(name);
    const auto digest = parse_digest(value.get<std::string>());
    if (!role || !digest) throw std::runtime_error(fmt::format("malformed digest of '{}'", name));
    digests[*role] = *digest;
  }
  return digests;
}

}  // namespace ckptbench
