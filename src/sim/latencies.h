#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace backlogd::sim {

// Any number of latencies in a few kilobytes, each known to about 2 %. Not thread-safe.
class Latencies {
 public:
  void Add(std::chrono::microseconds latency);

  std::uint64_t count() const { return count_; }
  // The latency that so large a share does not exceed. REQUIRES: 0 < share <= 1; 0 if there are
  // none
  std::chrono::microseconds Quantile(double share) const;

 private:
  static constexpr std::size_t kBuckets =
      1200;  // each 2 % wider than the one before: up to 5 hours

  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t count_ = 0;
};

}  // namespace backlogd::sim
