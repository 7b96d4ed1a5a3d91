#pragma once

#include <chrono>

namespace backlogd {

// An instant of the wall clock, in milliseconds since the Unix epoch (Kafka's own resolution).
// Only the room `app` reads the clock; everywhere else an instant is an argument.
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

// An absolute instant after which a blocking call gives up: one budget over several calls.
using Deadline = std::chrono::steady_clock::time_point;

}  // namespace backlogd
