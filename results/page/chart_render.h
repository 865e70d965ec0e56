// Draws Vega-Lite specifications as SVG with scripts/render_charts.py and vl-convert-python,
// offline. Blocks until the script has ended; no thread rule.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/core/error.h"
#include "results/page/charts.h"

namespace ckptbench {

// How the charts are drawn. Empty python: no pictures, and the page says why.
struct ChartTools {
  std::string python;  // interpreter of the venv with vl-convert-python
  std::string script;  // scripts/render_charts.py
};

// Writes <folder>/<name>.vl.json of each chart; the folder is made where needed.
Status write_specs(const std::vector<Chart>& charts, const std::string& folder);

// SVG text by chart name, of the specifications in `folder`. Error: why there are no pictures (no
// interpreter, no package, a specification that cannot be drawn), in one line.
Result<std::map<std::string, std::string>> render_charts(const std::vector<Chart>& charts,
                                                         const std::string& folder,
                                                         const ChartTools& tools);

}  // namespace ckptbench
