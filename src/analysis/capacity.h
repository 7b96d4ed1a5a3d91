#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

// What a group can carry, how long its backlog lasts, how long its records do. Pure formulas.
namespace backlogd::analysis {

using Seconds = std::chrono::duration<double>;

// What takes longer never happens, and is absent: milliseconds in 64 bits hold any time below.
inline constexpr Seconds kForever = std::chrono::hours(24 * 365 * 100);

// A stretch of time in which some of a group's partitions had records waiting all the time: whoever
// read them was busy all the time.
struct SaturatedStretch {
  double records_per_second = 0;  // consumed from those partitions together; >= 0
  std::uint32_t saturated_partitions = 0;
  std::uint32_t assigned_partitions = 0;  // all of the group's; >= saturated_partitions
  std::uint32_t members = 0;              // the same ones from beginning to end
  double other_records_per_second = 0;    // consumed from the other assigned partitions; >= 0
};

// Records per second that one member sustained: consumption divided by the members that were busy.
// Those are estimated from the share of assigned partitions that were saturated, at least one and
// at most one for each saturated partition. What these read from partitions that were not saturated
// counts too. Absent if nobody was busy or nothing was consumed.
std::optional<double> MemberCapacity(const SaturatedStretch& stretch);

// Follows a capacity that changes: a quarter of the way to each new observation.
double SmoothCapacity(std::optional<double> before, double observed);

// Members that carry `inflow` records per second and drain `lag` records in `drain_time` besides:
// ceil((inflow + lag / drain_time) / capacity), at least 1 and at most `partitions`, as a member
// more would be idle. REQUIRES: capacity > 0, drain_time > 0, partitions > 0
struct Load {
  double inflow = 0;     // records per second
  std::int64_t lag = 0;  // records
};
std::int64_t MembersNeeded(const Load& load, double capacity, Seconds drain_time,
                           std::int64_t partitions);

// Time until a lag that went from `before` to `now` in `elapsed` is gone, at that speed: 0 if there
// is none; absent if it does not shrink (or takes for ever). REQUIRES: elapsed > 0
std::optional<Seconds> DrainTime(std::int64_t before, std::int64_t now, Seconds elapsed);

// What bounds the life of a partition's records.
struct Retention {
  std::optional<std::chrono::milliseconds> time;  // retention.ms; absent: unlimited
  // Records that fit into retention.bytes: as many as the log holds, or as its last cut showed;
  // absent if there is no such limit. (Kafka's clients cannot ask for bytes.)
  std::optional<std::int64_t> records;
};
// The oldest record of a partition that a group has not read.
struct OldestUnread {
  std::optional<Seconds> age;  // absent if not known
  std::int64_t distance = 0;   // log end - its offset
};
// Time until that record may be deleted: the shorter of retention.ms - age, and of the time in
// which `inflow` (records per second, absent if not known) pushes it out of a log bounded by bytes.
// Never negative: 0 is "now". A lower bound: Kafka deletes whole segments. Absent if nothing
// deletes it, or what would tell is not known: that may be the shorter of the two.
std::optional<Seconds> RetentionHeadroom(const Retention& retention, const OldestUnread& record,
                                         std::optional<double> inflow);

}  // namespace backlogd::analysis
