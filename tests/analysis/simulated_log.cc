#include "analysis/simulated_log.h"

#include <algorithm>

namespace backlogd::analysis {

void SimulatedLog::Append(WallTime from, WallTime until, std::int64_t count,
                          std::chrono::milliseconds lie) {
  if (count <= 0) return;
  stretches_.push_back({end_, count, from + lie, (until - from).count()});
  end_ += count;
  lies_ = lies_ || lie.count() != 0;
}

void SimulatedLog::DeleteBefore(kafka::Offset start) {
  start_ = std::clamp(start, start_, end_);
  const auto first = std::ranges::find_if(
      stretches_, [&](const Stretch& stretch) { return stretch.end() > start_; });
  stretches_.erase(stretches_.begin(), first);
}

void SimulatedLog::DeleteOlderThan(WallTime time) { DeleteBefore(FirstFrom(time).value_or(end_)); }

void SimulatedLog::Truncate(kafka::Offset end) {
  end_ = std::clamp(end, start_, end_);
  while (!stretches_.empty() && stretches_.back().first >= end_) stretches_.pop_back();
  if (stretches_.empty() || stretches_.back().end() <= end_) return;
  Stretch& last = stretches_.back();
  last.lasts_ms = (last.TimeOf(end_) - last.from).count();
  last.count = end_ - last.first;
}

std::vector<SimulatedLog::Stretch>::const_iterator SimulatedLog::StretchOf(
    kafka::Offset offset) const {
  return std::ranges::upper_bound(stretches_, offset, {}, &Stretch::end);
}

WallTime SimulatedLog::CreateTimeOf(kafka::Offset offset) const {
  return StretchOf(offset)->TimeOf(offset);
}

std::optional<kafka::Offset> SimulatedLog::FirstFrom(WallTime time) const {
  const auto reaches = [&](const Stretch& stretch) {
    return stretch.TimeOf(stretch.end() - 1) >= time;
  };
  auto found = stretches_.begin();
  if (lies_) {
    found = std::ranges::find_if(stretches_, reaches);
  } else {
    found = std::ranges::partition_point(stretches_,
                                         [&](const Stretch& stretch) { return !reaches(stretch); });
  }
  if (found == stretches_.end()) return std::nullopt;
  const std::int64_t wait = (time - found->from).count();
  if (wait <= 0) return std::max(start_, found->first);
  // The first whose share of the stretch is not less than `wait`.
  return std::max(start_,
                  found->first + (wait * found->count + found->lasts_ms - 1) / found->lasts_ms);
}

}  // namespace backlogd::analysis
