#pragma once

#include "base/time.h"

// The only place that reads the clock.
namespace backlogd::app {

WallTime WallNow();
Deadline SteadyNow();

}  // namespace backlogd::app
