#pragma once

#include <iosfwd>
#include <span>

namespace backlogd::app {

// The program. `args` as main() gets them, its own name first. Blocks until the program ends.
// Returns the exit status: 0 stopped or done, 1 cannot start or cannot write to `out` (or, with
// --once, a cluster could not be polled), 2 wrong usage. Log lines and errors go to `err`.
int Run(std::span<const char* const> args, std::ostream& out, std::ostream& err);

}  // namespace backlogd::app
