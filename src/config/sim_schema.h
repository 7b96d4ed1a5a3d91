#pragma once

#include "config/schema.h"
#include "config/sim.h"

// Private to the room: which keys backlogd-sim has, and which values make sense.
namespace backlogd::config {

// Shows every key of `sim` to `visitor`, in the order of the reference file.
void Visit(Visitor& visitor, Sim& sim);

// Throws a Complaint, without a position, about the first value that makes no sense.
void CheckValues(const Sim& sim);

}  // namespace backlogd::config
