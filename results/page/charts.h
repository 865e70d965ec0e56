// Vega-Lite specifications of the report's pictures (vega.github.io/vega-lite, version 5), with
// their data inside. One specification serves the page and a paper. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "harness/core/json_text.h"
#include "results/result_rows.h"

namespace ckptbench {

struct Chart {
  std::string name;     // file name without extension; our own, never from input
  std::string title;    // heading on the page
  std::string caption;  // how to read it
  std::string alt;      // what it shows, in words, for who cannot see it
  nlohmann::json spec;
  bool wide = false;  // takes the page's full width
};

// Letters and lines that all of them share.
nlohmann::json chart_config();

// Only those for which there are data: "stall", "throughput", "bytes", "restore", "loss".
std::vector<Chart> make_charts(const ResultRows& results, const std::vector<Record>& records);

// The trial whose loss curve tells most: a run that was cut and resumed, with steps lost if there
// is one. nullptr: no record has both a trained and a resumed curve.
const Record* choose_loss_trial(const std::vector<Record>& records, const ResultRows& results);

// The loss curve of one trial: reference, the run that met the fault, the run that resumed.
// REQUIRES: a record that choose_loss_trial returned.
Chart loss_chart(const Record& trial);

}  // namespace ckptbench
