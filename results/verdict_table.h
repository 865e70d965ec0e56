// The words of the oracle as the table of docs/metrics.md, in Markdown. Pure function.
#pragma once

#include <string>

namespace ckptbench {

std::string verdict_words_markdown();

}  // namespace ckptbench
