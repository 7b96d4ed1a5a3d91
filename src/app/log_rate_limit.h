#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/time.h"

namespace backlogd::app {

// A token bucket for each kind of event, so that what repeats does not drown the rest.
// Bounded: beyond kMaxKinds, all further kinds share one bucket. Not thread-safe.
class LogRateLimit {
 public:
  static constexpr std::uint32_t kBurst = 10;         // events at once, then ...
  static constexpr std::chrono::seconds kRefill{30};  // ... one each
  static constexpr std::size_t kMaxKinds = 1000;

  // Absent if this event is to be left out; else how many of its kind were since the last one.
  // `now` never goes back.
  std::optional<std::uint64_t> Admit(const std::string& kind, Deadline now);

 private:
  struct Bucket {
    std::uint32_t tokens = kBurst;
    Deadline refilled;  // up to when tokens were added
    std::uint64_t suppressed = 0;
  };
  Bucket& Find(const std::string& kind, Deadline now);

  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace backlogd::app
