#include "sim/handling_time.h"

#include <algorithm>
#include <cmath>

namespace backlogd::sim {
namespace {

std::chrono::nanoseconds ToTime(double milliseconds) {
  return std::chrono::nanoseconds(std::llround(milliseconds * 1e6));
}

}  // namespace

HandlingTimes::HandlingTimes(const config::SimConsume& settings, std::uint64_t seed)
    : model_(settings.handling),
      mean_ms_(settings.handling_ms),
      max_ms_(settings.max_handling_ms),
      growing_time_(settings.growing_time),
      random_(seed) {}

std::chrono::nanoseconds HandlingTimes::Next(std::chrono::nanoseconds since_begin) {
  switch (model_) {
    case config::HandlingModel::kConstant: break;
    case config::HandlingModel::kRandom: {
      // (0, 1]: the logarithm of 0 is none.
      const double uniform = (static_cast<double>(random_() >> 11) + 1) * 0x1p-53;
      return ToTime(-mean_ms_ * std::log(uniform));
    }
    case config::HandlingModel::kGrowing: {
      const double part = std::clamp(
          static_cast<double>(since_begin.count()) / static_cast<double>(growing_time_.count()),
          0.0, 1.0);
      return ToTime(mean_ms_ + (max_ms_ - mean_ms_) * part);
    }
  }
  return ToTime(mean_ms_);
}

}  // namespace backlogd::sim
