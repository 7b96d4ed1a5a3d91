#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "analysis/offset_timeline.h"
#include "base/time.h"
#include "kafka/types.h"

// Which timestamps to look up in Kafka so that the age of a record becomes known well enough.
//
// What timestamps tell, and what they do not:
// - Out of order: a record is as old as the newest timestamp up to it. So says Kafka's lookup, and
//   so lookups never contradict one another.
// - A record that was compacted away is taken for one written right after the last record left
//   before it, as nothing tells the two apart: it seems older than it was, never younger.
// - What stands before the first record that has a timestamp (compacted away, or written by a
//   producer that sets none) is as old as that record, which is the oldest one left to read. A log
//   without any timestamp has no ages but those observed.
// - A lie that contradicts a log end that was observed is not believed.
namespace backlogd::analysis {

// How far from the truth the age of a record may be: one poll interval (and what it jitters) or 5 %
// of the age, whichever is larger.
std::chrono::milliseconds Tolerance(std::chrono::milliseconds age,
                                    std::chrono::milliseconds poll_interval);

// One search for the time at which the record at `offset` was written.
struct TimeSearch {
  kafka::Offset offset = 0;
  WallTime now{};
  std::chrono::milliseconds poll_interval{0};
  std::uint32_t round = 0;  // of lookups in this poll, from 0: turns between ways to choose
};

// The timestamp to look up next; absent if the age is known well enough. The first lookup of a
// record older than all that is known asks for the oldest timestamp there is, which brackets it;
// the others cut the bracket, in turn beside the estimate (which ends the search of an even log in
// two lookups) and in the geometric middle of the ages (which bounds the search of any log: a
// ladder of ages descended by halves).
std::optional<WallTime> NextLookup(const OffsetTimeline& timeline, const TimeSearch& search);

// Adds to the timeline what the lookup of timestamp `asked` answered: the first record at or after
// it (offset and timestamp), or, if `found.offset` is absent, that there is none, the log end being
// `end`. False if the answer is of no use, because it contradicts what is known, or because the
// record claims to be from the future or has no time: the caller should not ask again soon.
// REQUIRES: found.error is absent
bool TakeLookup(const kafka::PartitionOffset& found, WallTime asked, kafka::Offset end,
                WallTime now, OffsetTimeline& timeline);

}  // namespace backlogd::analysis
