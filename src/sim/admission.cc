#include "sim/admission.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace backlogd::sim {

std::optional<std::int64_t> Admission::Take(const std::string& topic, std::int64_t records,
                                            Deadline now) {
  if (rate_ == 0) return std::nullopt;
  const auto rate = static_cast<double>(rate_);
  const std::lock_guard lock(mutex_);
  const auto [at, is_new] = buckets_.try_emplace(topic, Bucket{rate, now});
  Bucket& bucket = at->second;
  const double seconds = std::chrono::duration<double>(now - bucket.filled_at).count();
  if (seconds > 0) {
    bucket.records = std::min(rate, bucket.records + seconds * rate);
    bucket.filled_at = now;
  }
  if (bucket.records >= 1) {
    bucket.records -= static_cast<double>(records);
    return std::nullopt;
  }
  return std::max<std::int64_t>(1, std::llround(std::ceil((1 - bucket.records) / rate)));
}

void Admission::GiveBack(const std::string& topic, std::int64_t records) {
  const std::lock_guard lock(mutex_);
  const auto found = buckets_.find(topic);
  if (found != buckets_.end()) found->second.records += static_cast<double>(records);
}

}  // namespace backlogd::sim
