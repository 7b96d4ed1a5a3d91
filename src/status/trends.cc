#include "status/trends.h"

#include <algorithm>
#include <chrono>

namespace backlogd::status {
namespace {

constexpr std::chrono::hours kLength{1};

std::int64_t MinuteOf(WallTime at) {
  return std::chrono::floor<std::chrono::minutes>(at.time_since_epoch()).count();
}

}  // namespace

void Trends::Note(const analysis::LagReport& report) {
  MutexLock lock(mutex_);
  const std::int64_t minute = MinuteOf(report.taken_at);
  if (notes_ > 0 && minute == last_minute_) return;
  last_minute_ = minute;
  const std::size_t slot = notes_ % kPoints;
  times_[slot] = report.taken_at;
  ++notes_;
  for (const analysis::GroupReport& group : report.groups) {
    Ring& ring = groups_[group.name];
    ring.values[slot] = {group.lag, group.lag_ms};
    ring.seen = notes_;
  }
  // While nothing is read nobody can tell which groups are gone, and no value is known.
  const std::uint64_t keep =
      report.has_data ? notes_ : notes_ - std::min<std::uint64_t>(notes_, kPoints - 1);
  for (auto entry = groups_.begin(); entry != groups_.end();) {
    if (entry->second.seen < keep) {
      entry = groups_.erase(entry);
      continue;
    }
    if (entry->second.seen < notes_) entry->second.values[slot] = {};
    ++entry;
  }
}

std::vector<TrendPoint> Trends::Of(std::string_view group, const TrendPoint& newest) const {
  std::vector<TrendPoint> points;
  MutexLock lock(mutex_);
  const auto found = groups_.find(group);
  const std::uint64_t count = found == groups_.end() ? 0 : std::min<std::uint64_t>(notes_, kPoints);
  for (std::uint64_t note = notes_ - count; note < notes_; ++note) {
    const std::size_t slot = note % kPoints;
    const Value& value = found->second.values[slot];
    if (times_[slot] >= newest.at || times_[slot] < newest.at - kLength) continue;
    points.push_back({times_[slot], value.lag, value.lag_ms});
  }
  points.push_back(newest);
  return points;
}

}  // namespace backlogd::status
