#pragma once

#include <cstdint>

#include "analysis/lag_history.h"

// The oldest record of a partition that a group has not read and still can.
namespace backlogd::analysis {

kafka::Offset OldestUnreadOffset(const PairHistory& pair, const PartitionHistory& partition);

// Milliseconds since it was written; 0 if none is waiting; kUnknown if that cannot be told within a
// quarter of the age (see OffsetTimeline: lookups make it far better than that, unless the
// timestamps in the topic lie). REQUIRES: the pair's lag is known
std::int64_t UnreadAge(const PairHistory& pair, const PartitionHistory& partition,
                       const SampleClock& clock);

// Time until the first of a group's unread records may be deleted.
class Headroom {
 public:
  // `age_ms`: the pair's UnreadAge.
  void Add(const PairHistory& pair, std::int64_t age_ms, const TopicHistory& topic,
           const PartitionHistory& partition, const SampleClock& clock);
  // In milliseconds; kUnknown if nothing waits, nothing is ever deleted, or not all is known.
  std::int64_t value() const { return complete_ ? least_ms_ : kUnknown; }

 private:
  std::int64_t least_ms_ = kUnknown;
  bool complete_ = true;
};

}  // namespace backlogd::analysis
