#pragma once

#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "kafka/types.h"

namespace backlogd::kafka {

// Called once for each group asked, in any order, on the calling thread.
// `index` is the group's place in the question. The offsets, and the topics' text in them, are
// valid during the call only. A group that never committed yields an empty list, not an error.
using CommittedSink =
    std::function<void(std::size_t index, const Result<std::span<const CommittedOffset>>& offsets)>;

// Questions to one Kafka cluster. Every call blocks until it is answered or `deadline` has passed
// (ErrorKind::kTimeout); none throws; a call that fails for some of the things asked answers the
// others. Not thread-safe (the poll thread's alone), but for Interrupt().
class KafkaClient {
 public:
  virtual ~KafkaClient() = default;

  // Brokers, topics, partitions, leaders. Tries another broker when one does not answer.
  virtual Result<Metadata> FetchMetadata(Deadline deadline) = 0;

  // The groups that each broker coordinates: one answer a broker, in the order asked.
  virtual std::vector<Result<GroupListing>> ListGroups(std::span<const BrokerId> brokers,
                                                       Deadline deadline) = 0;

  // One answer a group, in the order asked.
  virtual std::vector<Result<GroupDescription>> DescribeGroups(std::span<const GroupAt> groups,
                                                               Deadline deadline) = 0;

  // All committed offsets of each group.
  virtual void FetchCommitted(std::span<const GroupAt> groups, Deadline deadline,
                              const CommittedSink& sink) = 0;

  // One answer a partition, in the order asked. A leader that does not answer delays only the call,
  // not the answers of the others. REQUIRES: no partition stands twice.
  virtual std::vector<PartitionOffset> FetchLogOffsets(std::span<const PartitionAt> partitions,
                                                       OffsetSpec spec, Deadline deadline) = 0;
  // The same for the first record of each partition at or after a timestamp (Kafka's
  // offsetsForTimes). Needs no right to read records.
  virtual std::vector<PartitionOffset> FetchOffsetsForTimes(
      std::span<const PartitionTime> partitions, Deadline deadline) = 0;

  // One answer a topic, in the order asked.
  virtual std::vector<Result<TopicId>> DescribeTopics(std::span<const std::string_view> topics,
                                                      Deadline deadline) = 0;
  virtual std::vector<Result<TopicConfig>> DescribeTopicConfigs(
      std::span<const std::string_view> topics, Deadline deadline) = 0;

  // What was measured so far; asks nothing. Brokers in ascending order.
  virtual std::vector<BrokerStatistics> Statistics() = 0;

  // Thread-safe. The running call and all later ones return soon (within about 100 ms) with
  // ErrorKind::kInterrupted; only FetchMetadata may go on to its deadline.
  virtual void Interrupt() = 0;
};

}  // namespace backlogd::kafka
