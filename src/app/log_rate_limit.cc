#include "app/log_rate_limit.h"

#include <algorithm>
#include <utility>

namespace backlogd::app {

LogRateLimit::Bucket& LogRateLimit::Find(const std::string& kind, Deadline now) {
  const auto found = buckets_.find(kind);
  if (found != buckets_.end()) return found->second;
  const std::string& key = buckets_.size() < kMaxKinds ? kind : std::string();
  return buckets_.try_emplace(key, Bucket{kBurst, now, 0}).first->second;
}

std::optional<std::uint64_t> LogRateLimit::Admit(const std::string& kind, Deadline now) {
  Bucket& bucket = Find(kind, now);
  const auto earned = std::max<std::int64_t>((now - bucket.refilled) / kRefill, 0);
  bucket.refilled += earned * kRefill;
  bucket.tokens = static_cast<std::uint32_t>(
      std::min<std::int64_t>(bucket.tokens + std::min<std::int64_t>(earned, kBurst), kBurst));
  if (bucket.tokens == 0) {
    ++bucket.suppressed;
    return std::nullopt;
  }
  --bucket.tokens;
  return std::exchange(bucket.suppressed, 0);
}

}  // namespace backlogd::app
