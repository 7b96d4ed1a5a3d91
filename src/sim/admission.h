#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/time.h"

namespace backlogd::sim {

// A rate limit by topic: a bucket that holds at most a second's worth. A request is admitted as a
// whole as soon as there is anything in the bucket, and may leave it in debt: on the average the
// rate holds, and large requests starve no more than small ones. Thread-safe.
class Admission {
 public:
  explicit Admission(std::int64_t records_per_second) : rate_(records_per_second) {}  // 0: no limit

  // Absent: admitted. Else nothing was taken; worth another try after so many seconds (>= 1).
  // REQUIRES: `topic` is one of a bounded number of names
  std::optional<std::int64_t> Take(const std::string& topic, std::int64_t records, Deadline now);

  // Of what was taken, these were not sent.
  void GiveBack(const std::string& topic, std::int64_t records);

 private:
  struct Bucket {
    double records = 0;
    Deadline filled_at{};
  };

  const std::int64_t rate_;
  std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;
};

}  // namespace backlogd::sim
