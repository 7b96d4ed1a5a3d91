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

}  // namespace backlogd::analysis
