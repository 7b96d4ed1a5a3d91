#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/lag_report.h"
#include "base/mutex.h"
#include "base/time.h"

namespace backlogd::status {

// A group at one instant; what was not known then is -1 (analysis::kUnknown).
struct TrendPoint {
  WallTime at{};
  std::int64_t lag = analysis::kUnknown;     // records
  std::int64_t lag_ms = analysis::kUnknown;  // since the oldest unread record was written
};

using TrendValue = std::int64_t TrendPoint::*;  // which of the two

// The last hour of one cluster's groups, a point a minute: about 1 KiB a group, whatever its size.
// Groups that vanish from a report are forgotten. Thread-safe; a reader waits for an update of all
// groups at most.
class Trends {
 public:
  static constexpr std::size_t kPoints = 60;

  // Takes the report's groups down, if the last time was in an earlier minute.
  void Note(const analysis::LagReport& report);

  // Oldest to newest, `newest` (of the present report) included; at most an hour before it.
  std::vector<TrendPoint> Of(std::string_view group, const TrendPoint& newest) const;

 private:
  struct Value {
    std::int64_t lag = analysis::kUnknown;
    std::int64_t lag_ms = analysis::kUnknown;
  };
  struct Ring {
    std::array<Value, kPoints> values{};
    std::uint64_t seen = 0;  // the number of the last report that had the group
  };

  mutable Mutex mutex_;
  std::array<WallTime, kPoints> times_ GUARDED_BY(mutex_){};
  std::uint64_t notes_ GUARDED_BY(mutex_) = 0;
  std::int64_t last_minute_ GUARDED_BY(mutex_) = 0;
  std::map<std::string, Ring, std::less<>> groups_ GUARDED_BY(mutex_);
};

}  // namespace backlogd::status
