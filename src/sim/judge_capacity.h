#pragma once

#include "sim/capacity_report.h"

namespace backlogd::sim {

// Adding instances helps as long as each step is a tenth faster than the one before.
bool StillHelps(const std::vector<ScaleStep>& steps);

// A backlog that grows by less than this share of the inflow does not pile up; nor does one that
// grows, over the whole run, by less than comes in a tenth of a second: a commit may take that.
inline constexpr double kGrowthTolerance = 0.03;
bool KeepsUp(double growth, double inflow, double run_seconds);

// What the measurements mean, in words. Pure.
Judgement Judge(const CapacityReport& report);

}  // namespace backlogd::sim
