// Text that came from files or commands, made safe for HTML and XML. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ckptbench {

// & < > " ' as entities; control characters other than newline and tab, which XML forbids, and
// malformed UTF-8 become U+FFFD.
std::string escape(std::string_view text);

// <tag class="…">escaped text</tag>
std::string element(std::string_view tag, std::string_view text, std::string_view css_class = "");

}  // namespace ckptbench
