#pragma once

#include "config/config.h"

// Private to the room: whether the values of a Config make sense.
namespace backlogd::config {

// Throws a Complaint, without a position, about the first value that does not.
void CheckValues(const Config& config);

}  // namespace backlogd::config
