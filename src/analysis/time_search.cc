#include "analysis/time_search.h"

#include <algorithm>
#include <cmath>

namespace backlogd::analysis {
namespace {

using std::chrono::milliseconds;

// Not 0: records without a time have 0 or -1.
constexpr WallTime kOldestTimestamp{milliseconds(1)};

// Clocks of producers, brokers and of this machine differ by that without being called liars.
constexpr milliseconds kClockSkew{1000};

double Count(milliseconds time) { return static_cast<double>(time.count()); }

WallTime BesideEstimate(const OffsetTimeline::Written& written, milliseconds tolerance) {
  const bool later = written.until - written.estimate > written.estimate - written.after;
  return written.estimate + (later ? tolerance / 3 : -tolerance / 3);
}

WallTime GeometricMiddle(const OffsetTimeline::Written& written, const TimeSearch& search) {
  const milliseconds youngest =
      std::max(search.now - written.until, Tolerance(milliseconds(0), search.poll_interval));
  const milliseconds oldest = std::max(search.now - written.after, youngest);
  const double age = std::sqrt(Count(oldest) * Count(youngest));
  return search.now - milliseconds(static_cast<milliseconds::rep>(age));
}

bool HasPlausibleTime(const kafka::PartitionOffset& found, WallTime now) {
  return found.timestamp && *found.timestamp >= kOldestTimestamp &&
         *found.timestamp <= now + kClockSkew;
}

// The log ended at the record found when that was written. One whose writer's clock is ahead may
// have been observed before it claims to exist.
bool InsertRecord(const kafka::PartitionOffset& found, WallTime asked, WallTime now,
                  OffsetTimeline& timeline) {
  const WallTime claimed = *found.timestamp;
  return timeline.Insert(claimed, *found.offset, now) ||
         timeline.Insert(std::max(asked, claimed - kClockSkew), *found.offset, now);
}

// The answer is the first record with a time. Nothing new if a record as old is known.
bool TakeOldest(const kafka::PartitionOffset& found, WallTime now, OffsetTimeline& timeline) {
  const std::optional<WallTime> oldest = timeline.OldestInstant();
  if (!oldest || !found.offset || !HasPlausibleTime(found, now)) return false;
  if (*found.offset >= timeline.EndBy(*oldest)) return false;
  if (!InsertRecord(found, kOldestTimestamp, now, timeline)) return false;
  if (*found.offset > 0) timeline.Insert(*timeline.OldestInstant() - milliseconds(1), 0, now);
  return true;
}

}  // namespace

milliseconds Tolerance(milliseconds age, milliseconds poll_interval) {
  return std::max(poll_interval * 11 / 10, age / 20);
}

std::optional<WallTime> NextLookup(const OffsetTimeline& timeline, const TimeSearch& search) {
  const std::optional<WallTime> oldest = timeline.OldestInstant();
  if (!oldest) return std::nullopt;
  if (search.offset < timeline.EndBy(*oldest)) return kOldestTimestamp;
  const auto written = timeline.WrittenAt(search.offset);
  if (!written) return std::nullopt;

  const milliseconds tolerance = Tolerance(search.now - written->estimate, search.poll_interval);
  // A lookup cuts off a quarter of the tolerance at least, and is not misled by the time that a
  // record spends between its producer's clock and the log.
  const milliseconds margin = std::max(tolerance / 4, milliseconds(1));
  const milliseconds gap = written->until - written->after;
  if (gap <= tolerance || gap < 2 * margin) return std::nullopt;
  const bool beside_estimate = search.round % 4 == 1 || search.round % 4 == 2;
  const WallTime wanted =
      beside_estimate ? BesideEstimate(*written, tolerance) : GeometricMiddle(*written, search);
  return std::clamp(wanted, written->after + margin, written->until - margin);
}

bool TakeLookup(const kafka::PartitionOffset& found, WallTime asked, kafka::Offset end,
                WallTime now, OffsetTimeline& timeline) {
  if (asked <= kOldestTimestamp) return TakeOldest(found, now, timeline);
  const std::optional<kafka::Offset> end_by = timeline.EndBy(asked);
  if (!end_by) return false;
  const kafka::Offset first = found.offset.value_or(end);
  // All records that were there by then are older, whatever later ones claim.
  if (first >= *end_by) return timeline.Insert(asked, *end_by, now);
  if (!HasPlausibleTime(found, now) || !InsertRecord(found, asked, now, timeline)) return false;
  timeline.Insert(asked, first, now);
  return true;
}

}  // namespace backlogd::analysis
