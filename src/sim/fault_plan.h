#pragma once

#include <chrono>
#include <cstdint>

#include "config/sim.h"

namespace backlogd::sim {

// Whether the fault lasts, `since_begin` after the first record of all, for the member of this
// number (0, 1, ...). The fault strikes the members with the lowest numbers.
bool IsStruck(const config::SimFault& fault, std::int64_t member,
              std::chrono::nanoseconds since_begin);

// When it ends, after the first record; max() if it lasts until the end. A member that hangs does
// so for longer than `max_poll_interval`, whatever its length, or nothing would come of it.
std::chrono::nanoseconds EndOf(const config::SimFault& fault,
                               std::chrono::milliseconds max_poll_interval);

}  // namespace backlogd::sim
