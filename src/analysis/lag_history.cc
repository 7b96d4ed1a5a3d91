#include "analysis/lag_history.h"

#include <algorithm>

namespace backlogd::analysis {

const PartitionHistory* FindPartition(const TopicHistory& topic, kafka::PartitionId partition) {
  const auto& partitions = topic.partitions;
  // Partition ids are almost always 0..n-1.
  auto found = partitions.begin() + std::min<std::ptrdiff_t>(partition, std::ssize(partitions));
  if (found != partitions.end() && found->partition == partition) return &*found;
  found = std::ranges::lower_bound(partitions, partition, {}, &PartitionHistory::partition);
  return found != partitions.end() && found->partition == partition ? &*found : nullptr;
}

namespace {

void ForgetTimes(WallTime now, GroupHistory& group) {
  group.steady_since = now;
  group.uncommitted_since = {};
  group.uncommitted_from = {};
  group.last_commit.reset();
  group.baseline.Interrupt();
  for (PairHistory& pair : group.pairs) {
    pair.commits = kNoSamples;
    pair.caught_up = 0;
    pair.waiting_since = now;
  }
}

}  // namespace

void ForgetTimes(LagHistory& history) {
  for (TopicHistory& topic : history.topics) {
    for (PartitionHistory& partition : topic.partitions) {
      partition.timeline.Clear();
      partition.useless_lookups = 0;
      partition.next_lookup = 0;
    }
  }
  for (GroupHistory& group : history.groups) ForgetTimes(history.clock.now(), group);
}

}  // namespace backlogd::analysis
