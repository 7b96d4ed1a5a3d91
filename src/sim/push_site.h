#pragma once

#include <cstdint>
#include <string>

#include "sim/experiments.h"
#include "sim/session.h"

namespace backlogd::sim {

// What clients of POST /push got in one run.
struct PushLimits {
  std::chrono::milliseconds run{0};
  std::uint64_t most_records = 0;
};

// Pushes records of `value_bytes` to `topic` over HTTP, some clients at a time, as fast as they are
// answered. `url` empty: to a server of its own, in this process. Absent: a stop was requested.
// Throws Failure, also if a request is refused.
std::optional<RateRun> MeasurePush(const Session& session, const std::string& url,
                                   const std::string& topic, const PushLimits& limits);

}  // namespace backlogd::sim
