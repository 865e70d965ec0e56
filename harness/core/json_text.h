// JSON to text and back. Its parser and its printer are large templates: they are compiled once,
// here, and files that include this one instead of nlohmann's pay for neither. No thread rule.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

extern template class nlohmann::basic_json<>;

namespace ckptbench {

// Throws nlohmann::json::parse_error, which says where.
nlohmann::json parse_json(std::string_view text);
// A value that is_discarded() when the text is not one JSON document.
nlohmann::json try_parse_json(std::string_view text);

// indent < 0: one line. Bytes that are not UTF-8 become U+FFFD, so that any text can be reported.
std::string json_text(const nlohmann::json& value, int indent = -1);

}  // namespace ckptbench
