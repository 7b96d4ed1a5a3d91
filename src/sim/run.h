#pragma once

#include <span>

#include "sim/surroundings.h"

namespace backlogd::sim {

// The program; `args` begins with its name. Returns the exit status; does not throw.
int Run(std::span<const char* const> args, const Surroundings& with);

}  // namespace backlogd::sim
