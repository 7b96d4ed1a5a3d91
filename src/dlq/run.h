#pragma once

#include <span>

#include "dlq/surroundings.h"

namespace backlogd::dlq {

// The program. `args` as main() gets them, its own name first. Returns the exit status: 0 done, 1
// failed, 2 wrong usage, 3 stopped early with records left that matched, 130 interrupted.
int Run(std::span<const char* const> args, const Surroundings& with);

}  // namespace backlogd::dlq
