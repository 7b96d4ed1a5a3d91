#include "kafka/member_partitions.h"

#include <string_view>

namespace backlogd::kafka {
namespace {

std::vector<TopicPartition> ViewOf(const rd_kafka_topic_partition_list_t& list) {
  std::vector<TopicPartition> partitions;
  partitions.reserve(static_cast<std::size_t>(list.cnt));
  for (int i = 0; i < list.cnt; ++i) {
    partitions.push_back({list.elems[i].topic, list.elems[i].partition});
  }
  return partitions;
}

template <typename Places>
TopicPartitionListPtr ListOf(const Places& places) {
  TopicPartitionListPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(places.size())));
  for (const auto& [topic, partition] : places) {
    rd_kafka_topic_partition_list_add(list.get(), std::string(topic).c_str(), partition);
  }
  return list;
}

rd_kafka_resp_err_t FirstError(rd_kafka_resp_err_t code,
                               const rd_kafka_topic_partition_list_t& list) {
  for (int i = 0; i < list.cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    code = list.elems[i].err;
  }
  return code;
}

rd_kafka_resp_err_t CodeOf(const ErrorPtr& error) {
  return error == nullptr ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_error_code(error.get());
}

bool IsIncremental(rd_kafka_t* handle) {
  const char* protocol = rd_kafka_rebalance_protocol(handle);
  return protocol != nullptr && std::string_view(protocol) == "COOPERATIVE";
}

}  // namespace

MemberPartitions::MemberPartitions(rd_kafka_t* handle, RebalanceSinks sinks)
    : handle_(handle), sinks_(std::move(sinks)) {}

rd_kafka_resp_err_t MemberPartitions::Apply(rd_kafka_event_t* rebalance) {
  const auto* partitions = rd_kafka_event_topic_partition_list(rebalance);
  switch (rd_kafka_event_error(rebalance)) {
    case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS: return Assign(*partitions);
    case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS: return Revoke(*partitions);
    default: return rd_kafka_assign(handle_, nullptr);  // it joins anew
  }
}

rd_kafka_resp_err_t MemberPartitions::Assign(const rd_kafka_topic_partition_list_t& partitions) {
  const rd_kafka_resp_err_t code =
      IsIncremental(handle_) ? CodeOf(ErrorPtr(rd_kafka_incremental_assign(handle_, &partitions)))
                             : rd_kafka_assign(handle_, &partitions);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return code;
  for (const TopicPartition& one : ViewOf(partitions)) held_.emplace(one.topic, one.partition);
  if (sinks_.assigned) sinks_.assigned(ViewOf(partitions));
  return code;
}

rd_kafka_resp_err_t MemberPartitions::Revoke(const rd_kafka_topic_partition_list_t& partitions) {
  std::set<Place> places;
  for (const TopicPartition& one : ViewOf(partitions)) places.emplace(one.topic, one.partition);
  GiveUp(places, rd_kafka_assignment_lost(handle_) != 0);
  return IsIncremental(handle_)
             ? CodeOf(ErrorPtr(rd_kafka_incremental_unassign(handle_, &partitions)))
             : rd_kafka_assign(handle_, nullptr);
}

void MemberPartitions::GiveUpAll() { GiveUp(std::set<Place>(held_), /*lost=*/false); }

// Those that were given up before are not told again.
void MemberPartitions::GiveUp(const std::set<Place>& places, bool lost) {
  std::vector<TopicPartition> given_up;
  for (const Place& place : places) {
    if (held_.contains(place)) given_up.push_back({place.first, place.second});
  }
  if (lost) Forget(places);
  if (sinks_.revoked && !given_up.empty()) sinks_.revoked(given_up, lost);
  if (!lost) Forget(places);
}

// librdkafka would remember that a partition is paused.
void MemberPartitions::Forget(const std::set<Place>& places) {
  std::set<Place> paused;
  for (const Place& place : places) {
    held_.erase(place);
    if (paused_.erase(place) > 0) paused.insert(place);
  }
  if (!paused.empty()) rd_kafka_resume_partitions(handle_, ListOf(paused).get());
}

bool MemberPartitions::Holds(const TopicPartition& partition) const {
  return held_.contains(Place(partition.topic, partition.partition));
}

std::vector<TopicPartition> MemberPartitions::All() const {
  std::vector<TopicPartition> all;
  all.reserve(held_.size());
  for (const auto& [topic, partition] : held_) all.push_back({topic, partition});
  return all;
}

rd_kafka_resp_err_t MemberPartitions::Pause(std::span<const TopicPartition> partitions) {
  const TopicPartitionListPtr list = ListOf(partitions);
  for (const TopicPartition& one : partitions) paused_.emplace(one.topic, one.partition);
  return FirstError(rd_kafka_pause_partitions(handle_, list.get()), *list);
}

rd_kafka_resp_err_t MemberPartitions::Resume(std::span<const TopicPartition> partitions) {
  const TopicPartitionListPtr list = ListOf(partitions);
  for (const TopicPartition& one : partitions) {
    paused_.erase(Place(one.topic, one.partition));
  }
  return FirstError(rd_kafka_resume_partitions(handle_, list.get()), *list);
}

}  // namespace backlogd::kafka
