#include "analysis/unread_record.h"

#include <algorithm>
#include <cmath>

#include "analysis/capacity.h"

namespace backlogd::analysis {
namespace {

using Milliseconds = std::chrono::milliseconds;

constexpr int kCertainPolls = 3;  // a bracket of so many polls is never too wide
constexpr int kCertainShare = 4;  // nor is one of this part of the age

bool IsNothingWaiting(const PairHistory& pair) { return pair.lag == 0 || pair.effective_lag == 0; }

// Records per second written during the window; absent if not known.
std::optional<double> InflowOf(const PartitionHistory& partition, const SampleClock& clock) {
  for (std::size_t i = 0; i < kSamples; ++i) {
    const std::size_t slot = clock.Oldest(i);
    if (!clock.IsRecent(slot) || partition.ends[slot] == kUnknown) continue;
    const Seconds elapsed = clock.now() - clock.at(slot);
    if (elapsed.count() <= 0) return std::nullopt;
    return static_cast<double>(partition.end.offset - partition.ends[slot]) / elapsed.count();
  }
  return std::nullopt;
}

}  // namespace

kafka::Offset OldestUnreadOffset(const PairHistory& pair, const PartitionHistory& partition) {
  return std::max(pair.committed, partition.start.offset);
}

std::int64_t UnreadAge(const PairHistory& pair, const PartitionHistory& partition,
                       const SampleClock& clock) {
  if (IsNothingWaiting(pair)) return 0;
  const auto written = partition.timeline.WrittenAt(OldestUnreadOffset(pair, partition));
  if (!written) return kUnknown;
  const WallTime now = clock.now();
  const Milliseconds age = std::max(Milliseconds(0), now - written->estimate);
  const Milliseconds certain =
      std::max<Milliseconds>(kCertainPolls * clock.poll_interval(), age / kCertainShare);
  return written->until - written->after > certain ? kUnknown : age.count();
}

void Headroom::Add(const PairHistory& pair, std::int64_t age_ms, const TopicHistory& topic,
                   const PartitionHistory& partition, const SampleClock& clock) {
  if (IsNothingWaiting(pair)) return;
  if (!topic.config) complete_ = false;
  if (!topic.config || !topic.config->deletes) return;
  Retention retention;
  retention.time = topic.config->retention_ms;
  if (topic.config->retention_bytes) {
    if (partition.records_that_fit == kUnknown) complete_ = false;
    if (partition.records_that_fit == kUnknown) return;
    retention.records =
        std::max(partition.records_that_fit, partition.end.offset - partition.start.offset);
  }
  OldestUnread record;
  if (age_ms != kUnknown) record.age = Milliseconds(age_ms);
  record.distance = partition.end.offset - OldestUnreadOffset(pair, partition);
  const std::optional<double> inflow = InflowOf(partition, clock);
  const auto headroom = RetentionHeadroom(retention, record, inflow);
  if (!headroom) {
    const bool known = (!retention.time || record.age) && (!retention.records || inflow);
    if (!known) complete_ = false;
    return;
  }
  const std::int64_t ms = std::llround(headroom->count() * 1000);
  least_ms_ = least_ms_ == kUnknown ? ms : std::min(least_ms_, ms);
}

}  // namespace backlogd::analysis
