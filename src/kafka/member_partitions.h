#pragma once

#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "kafka/group_member.h"
#include "kafka/rdkafka_handles.h"

namespace backlogd::kafka {

// The partitions that a group's member holds, as rebalances give and take them. Not thread-safe.
// Private to this room.
class MemberPartitions {
 public:
  // `handle` must outlive it.
  MemberPartitions(rd_kafka_t* handle, RebalanceSinks sinks);

  // Does what the coordinator wants, and tells the sinks. The code of what librdkafka refused, if
  // anything.
  rd_kafka_resp_err_t Apply(rd_kafka_event_t* rebalance);

  // Tells that all are revoked, before librdkafka lets go of any.
  void GiveUpAll();

  bool Holds(const TopicPartition& partition) const;
  std::vector<TopicPartition> All() const;  // ascending

  // REQUIRES: Holds() each
  rd_kafka_resp_err_t Pause(std::span<const TopicPartition> partitions);
  rd_kafka_resp_err_t Resume(std::span<const TopicPartition> partitions);

 private:
  using Place = std::pair<std::string, PartitionId>;

  rd_kafka_resp_err_t Assign(const rd_kafka_topic_partition_list_t& partitions);
  rd_kafka_resp_err_t Revoke(const rd_kafka_topic_partition_list_t& partitions);
  void GiveUp(const std::set<Place>& places, bool lost);
  void Forget(const std::set<Place>& places);

  rd_kafka_t* const handle_;
  const RebalanceSinks sinks_;
  std::set<Place> held_;
  std::set<Place> paused_;
};

}  // namespace backlogd::kafka
