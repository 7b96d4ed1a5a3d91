#include "analysis/offset_timeline.h"

#include <algorithm>
#include <chrono>

namespace backlogd::analysis {
namespace {

// With n polls between a record and now, the distance of two polls is 1/n of its age. From 20 on
// that is less than the 5 % an age may be off, so only points older than that have room to give.
constexpr std::size_t kNewestKept = 20;

// A point that was looked up was needed, and would be looked up again: it gives way to observed
// ones until it is that much closer to its neighbours.
constexpr double kWorthOfLookup = 8;

double Milliseconds(WallTime::duration time) { return static_cast<double>(time.count()); }

}  // namespace

void OffsetTimeline::Observe(WallTime now, kafka::Offset end) {
  if (!points_.empty()) {
    if (now == points_.back().at) return;
    // The clock was set back, or the log was cut, and how deep, and what was written again since,
    // nobody saw: Kafka is asked anew.
    if (now < points_.back().at || end < points_.back().end()) points_.clear();
    const std::size_t size = points_.size();
    if (size >= 2 && points_[size - 1].end() == end && points_[size - 2].end() == end) {
      points_.back().at = now;
      return;
    }
    if (size == kMaxPoints) Thin(now, now);
  }
  points_.emplace_back(now, end, Origin::kObserved);
}

bool OffsetTimeline::Insert(WallTime at, kafka::Offset end, WallTime now) {
  const auto next = points_.begin() + (FirstFrom(at) - points_.cbegin());
  if (next == points_.end()) return false;
  if (next->at == at) return next->end() == end;
  const auto before = next - points_.begin();
  const auto from = points_.end() - next;
  if (next->end() < end || (before > 0 && next[-1].end() > end)) return false;

  const bool continues = before > 0 && next[-1].end() == end;
  const bool precedes = next->end() == end;
  if (continues && precedes) return true;
  if (continues && before > 1 && next[-2].end() == end) {
    next[-1].at = at;
  } else if (precedes && from > 1 && next[1].end() == end) {
    next->at = at;
  } else {
    if (points_.size() == kMaxPoints) Thin(now, at);
    points_.emplace(FirstFrom(at), at, end, Origin::kLookedUp);
  }
  return true;
}

void OffsetTimeline::DropBefore(kafka::Offset start) {
  const auto above = FirstAbove(start);
  // The last point at or below `start` says when the record there was written at the earliest.
  if (above != points_.begin()) points_.erase(points_.begin(), std::prev(above));
}

std::optional<OffsetTimeline::Written> OffsetTimeline::WrittenAt(kafka::Offset offset) const {
  const auto until = FirstAbove(offset);
  if (until == points_.begin() || until == points_.end()) return std::nullopt;
  const Point& a = until[-1];
  const Point& b = *until;
  // Offsets are too large to be multiplied; a quotient in doubles is exact enough for milliseconds.
  const double share =
      static_cast<double>(offset - a.end()) / static_cast<double>(b.end() - a.end());
  const WallTime::duration passed(
      static_cast<WallTime::duration::rep>(share * Milliseconds(b.at - a.at)));
  return Written{a.at, b.at, std::min(a.at + passed, b.at)};
}

std::optional<WallTime> OffsetTimeline::OldestInstant() const {
  if (points_.empty()) return std::nullopt;
  return points_.front().at;
}

std::optional<kafka::Offset> OffsetTimeline::EndBy(WallTime at) const {
  const auto first = FirstFrom(at);
  if (first == points_.end()) return std::nullopt;
  return first->end();
}

OffsetTimeline::Points::const_iterator OffsetTimeline::FirstFrom(WallTime at) const {
  return std::lower_bound(points_.begin(), points_.end(), at,
                          [](const Point& p, WallTime asked) { return p.at < asked; });
}

OffsetTimeline::Points::const_iterator OffsetTimeline::FirstAbove(kafka::Offset offset) const {
  return std::upper_bound(points_.begin(), points_.end(), offset,
                          [](kafka::Offset asked, const Point& p) { return asked < p.end(); });
}

// Removes the point whose absence leaves the gap that is smallest for its age. Never the first, nor
// one of the newest, nor a neighbour of `next_to`: a search must not lose what it just found.
void OffsetTimeline::Thin(WallTime now, WallTime next_to) {
  const auto spared = static_cast<std::size_t>(FirstFrom(next_to) - points_.cbegin());
  std::size_t least = 0;
  double least_gap = 0;
  double least_age = 0;
  for (std::size_t i = 1; i < points_.size() - kNewestKept; ++i) {
    if (i + 2 >= spared && i <= spared + 1) continue;
    const double worth = points_[i].looked_up() ? kWorthOfLookup : 1;
    const double gap = worth * Milliseconds(points_[i + 1].at - points_[i - 1].at);
    const double age = std::max(Milliseconds(now - points_[i].at), 1.0);
    if (least != 0 && gap * least_age >= least_gap * age) continue;
    least = i;
    least_gap = gap;
    least_age = age;
  }
  points_.erase(points_.begin() + static_cast<Points::difference_type>(least));
}

}  // namespace backlogd::analysis
