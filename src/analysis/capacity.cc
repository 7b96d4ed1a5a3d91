#include "analysis/capacity.h"

#include <algorithm>
#include <cmath>

namespace backlogd::analysis {
namespace {

std::optional<Seconds> UnlessForever(double seconds) {
  if (!(seconds <= kForever.count())) return std::nullopt;
  return Seconds(std::max(0.0, seconds));
}

// One of the bounds on a record's life: whether it is known, and if so how long it leaves the
// record (absent: for ever).
struct Bound {
  bool known = true;
  std::optional<Seconds> left;
};

Bound BoundByTime(const Retention& retention, const OldestUnread& record) {
  if (!retention.time) return {};
  if (!record.age) return {.known = false, .left = {}};
  const Seconds left = Seconds(*retention.time) - *record.age;
  return {.known = true, .left = UnlessForever(left.count())};
}

Bound BoundByRecords(const Retention& retention, const OldestUnread& record,
                     std::optional<double> inflow) {
  if (!retention.records) return {};
  const double room =
      static_cast<double>(*retention.records) - static_cast<double>(record.distance);
  if (room <= 0) return {.known = true, .left = Seconds(0)};
  if (!inflow) return {.known = false, .left = {}};
  if (*inflow <= 0) return {};
  return {.known = true, .left = UnlessForever(room / *inflow)};
}

}  // namespace

std::optional<double> MemberCapacity(const SaturatedStretch& stretch) {
  if (stretch.saturated_partitions == 0 || stretch.assigned_partitions == 0 ||
      stretch.members == 0 || !std::isfinite(stretch.records_per_second) ||
      stretch.records_per_second <= 0) {
    return std::nullopt;
  }
  const double saturated = stretch.saturated_partitions;
  const double busy =
      std::clamp(stretch.members * (saturated / stretch.assigned_partitions), 1.0, saturated);
  // Every member has as many partitions. Where fewer are saturated than one member has, that one
  // reads some of the others besides.
  const double others = stretch.assigned_partitions - saturated;
  const double theirs = busy * stretch.assigned_partitions / stretch.members - saturated;
  const double share = others > 0 ? std::clamp(theirs / others, 0.0, 1.0) : 0;
  return (stretch.records_per_second + share * stretch.other_records_per_second) / busy;
}

double SmoothCapacity(std::optional<double> before, double observed) {
  return before ? *before + (observed - *before) / 4 : observed;
}

std::int64_t MembersNeeded(const Load& load, double capacity, Seconds drain_time,
                           std::int64_t partitions) {
  const double lag = std::max(0.0, static_cast<double>(load.lag));
  const double needed = (load.inflow + lag / drain_time.count()) / capacity;
  // Also where the quotient is too large for a number.
  if (!(needed < static_cast<double>(partitions))) return partitions;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(needed)));
}

std::optional<Seconds> DrainTime(std::int64_t before, std::int64_t now, Seconds elapsed) {
  if (now <= 0) return Seconds(0);
  if (now >= before) return std::nullopt;
  const double speed = static_cast<double>(before - now) / elapsed.count();
  return UnlessForever(static_cast<double>(now) / speed);
}

std::optional<Seconds> RetentionHeadroom(const Retention& retention, const OldestUnread& record,
                                         std::optional<double> inflow) {
  const Bound by_time = BoundByTime(retention, record);
  const Bound by_records = BoundByRecords(retention, record, inflow);
  const Bound& shorter =
      !by_time.left || (by_records.left && *by_records.left < *by_time.left) ? by_records : by_time;
  // A bound that is not known may be the shorter one, unless nothing is shorter.
  if (shorter.left == Seconds(0)) return shorter.left;
  if (!by_time.known || !by_records.known) return std::nullopt;
  return shorter.left;
}

}  // namespace backlogd::analysis
