#pragma once

#include <functional>
#include <string>

#include "sim/capacity_report.h"

namespace backlogd::sim {

// Of the whole plan, without joining and leaving.
double EstimatedSeconds(const config::SimCapacity& settings);

// Carries out all experiments, the most telling first, and judges. `report` has settings, topic,
// group and partitions; everything else is filled in. `finished` gets a line for each experiment.
// An experiment that fails, or somebody's wish to end, ends the plan: the report says so.
void RunPlan(Experiments& experiments, const std::function<void(const std::string&)>& finished,
             CapacityReport& report);

}  // namespace backlogd::sim
