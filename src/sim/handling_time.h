#pragma once

#include <chrono>
#include <cstdint>
#include <random>

#include "config/sim.h"

namespace backlogd::sim {

// How long each record takes to handle. The same seed gives the same times.
class HandlingTimes {
 public:
  HandlingTimes(const config::SimConsume& settings, std::uint64_t seed);

  // Of the next record, `since_begin` after the first record of all. Constant; exponentially
  // distributed around the mean; or growing in a straight line from handling_ms to max_handling_ms,
  // where it stays.
  std::chrono::nanoseconds Next(std::chrono::nanoseconds since_begin);

 private:
  config::HandlingModel model_;
  double mean_ms_;
  double max_ms_;
  std::chrono::nanoseconds growing_time_;
  std::mt19937_64 random_;
};

}  // namespace backlogd::sim
