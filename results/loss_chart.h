// The loss curve of one trial: reference, the run that met the fault, the run that resumed. Pure.
#pragma once

#include "results/charts.h"

namespace ckptbench {

// REQUIRES: a record that choose_loss_trial returned.
Chart loss_chart(const Record& trial);

}  // namespace ckptbench
