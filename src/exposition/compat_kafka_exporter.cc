// The page of kafka_exporter (danielqsj).

#include <algorithm>

#include "exposition/compat_rendering.h"

namespace backlogd::exposition {
namespace {

using analysis::GroupReport;
using analysis::GroupTopicReport;
using analysis::PairReport;
using analysis::PartitionReport;
using analysis::TopicReport;
using Level = DetailLevels::Level;

// kafka_exporter's word for a partition without a commit, in a topic that the group has committed.
constexpr std::int64_t kNoCommit = -1;

void RenderCluster(PeerRendering& p) {
  PeerLine(p, "kafka_brokers", "", static_cast<double>(p.r.report.brokers.size()));
  p.r.out.BeginFamily("kafka_broker_info");
  for (const kafka::Broker& broker : p.r.report.brokers) {
    const std::string facts =
        Label("id", std::to_string(broker.id)) + "," + Label("address", AddressOf(broker));
    p.r.out.Line(p.first.empty() ? facts : p.first + "," + facts, std::int64_t{1});
  }
}

// Of a partition whose metadata were read.
AnyNumber Described(const PartitionReport& partition, std::int64_t value) {
  return {partition.replicas > 0, value};
}

void RenderPartitionFamilies(PeerRendering& p) {
  PeerPartitions(p, "kafka_topic_partition_current_offset",
                 [](const PartitionReport& one) { return one.end; });
  PeerPartitions(p, "kafka_topic_partition_oldest_offset",
                 [](const PartitionReport& one) { return one.start; });
  PeerPartitions(p, "kafka_topic_partition_leader",
                 [](const PartitionReport& one) { return std::int64_t{one.leader}; });
  PeerPartitions(p, "kafka_topic_partition_replicas",
                 [](const PartitionReport& one) { return Described(one, one.replicas); });
  PeerPartitions(p, "kafka_topic_partition_in_sync_replica",
                 [](const PartitionReport& one) { return Described(one, one.in_sync_replicas); });
  const auto is_preferred = [](const PartitionReport& one) {
    return Described(one, one.leader != kafka::kNoBroker && one.leader == one.preferred_leader);
  };
  PeerPartitions(p, "kafka_topic_partition_leader_is_preferred", is_preferred);
  const auto under_replicated = [](const PartitionReport& one) {
    return Described(one, one.in_sync_replicas < one.replicas);
  };
  PeerPartitions(p, "kafka_topic_partition_under_replicated_partition", under_replicated);
}

// Whether the group has commits on the topic, and they are known now.
bool HasCommits(std::span<const PairReport> pairs) {
  return !pairs.empty() && pairs.front().committed >= 0;
}

// Calls `take(partition, pair)` for each of the topic's partitions; pair is null where the group
// has committed nothing.
template <typename Take>
void ForEachPartition(std::span<const PartitionReport> partitions,
                      std::span<const PairReport> pairs, Take take) {
  auto pair = pairs.begin();
  for (const PartitionReport& partition : partitions) {
    while (pair != pairs.end() && pair->partition < partition.partition) ++pair;
    const bool committed = pair != pairs.end() && pair->partition == partition.partition;
    take(partition, committed ? &*pair : nullptr);
  }
}

// `value(partition, pair)`: see ForEachPartition.
template <typename Value>
void RenderPairs(PeerRendering& p, std::string_view family, Value value) {
  const auto write = [&](std::string& start, const GroupTopicReport& read) {
    const auto pairs = PairsOf(p.r.report, read);
    if (!HasCommits(pairs)) return;
    start += p.partition;
    const auto line = [&](const PartitionReport& partition, const PairReport* pair) {
      const AnyNumber number = value(partition, pair);
      if (!number.known) return;
      p.r.out.Put(start);
      p.r.out.PutInteger(partition.partition);
      p.r.out.Put("\"} ");
      p.r.out.PutInteger(number.value);
      p.r.out.EndLine();
    };
    ForEachPartition(PartitionsOf(p.r.report, p.r.report.topics[read.topic]), pairs, line);
  };
  PeerReads(p, family, Level::kPartition, write);
}

// With a -1 for each partition without a commit, as there.
AnyNumber OffsetSum(const PeerRendering& p, const GroupTopicReport& read) {
  const auto pairs = PairsOf(p.r.report, read);
  const std::int64_t sum = CommittedSum(pairs);
  std::int64_t missing = 0;
  const auto count = [&](const PartitionReport&, const PairReport* pair) {
    if (pair == nullptr) ++missing;
  };
  ForEachPartition(PartitionsOf(p.r.report, p.r.report.topics[read.topic]), pairs, count);
  return {sum >= 0, sum + kNoCommit * missing};
}

void RenderGroupFamilies(PeerRendering& p) {
  PeerGroups(p, "kafka_consumergroup_members",
             [](const GroupReport& group) { return group.members; });
  const auto offset = [](const PartitionReport&, const PairReport* pair) -> AnyNumber {
    if (pair == nullptr) return {true, kNoCommit};
    return {pair->committed >= 0, pair->committed};
  };
  RenderPairs(p, "kafka_consumergroup_current_offset", offset);
  PeerGroupTopics(p, "kafka_consumergroup_current_offset_sum",
                  [&p](const GroupTopicReport& read) { return OffsetSum(p, read); });
  // Where the log end is not known, neither is -1 shown.
  const auto lag = [](const PartitionReport& partition, const PairReport* pair) -> AnyNumber {
    if (pair == nullptr) return {partition.end >= 0, kNoCommit};
    return {pair->lag >= 0, pair->lag};
  };
  RenderPairs(p, "kafka_consumergroup_lag", lag);
  PeerGroupTopics(p, "kafka_consumergroup_lag_sum",
                  [](const GroupTopicReport& read) { return read.lag; });
}

}  // namespace

void RenderKafkaExporter(PeerRendering p) {
  if (!p.r.report.has_data) return;
  RenderCluster(p);
  PeerTopics(p, "kafka_topic_partitions",
             [](const TopicReport& topic) { return std::int64_t{topic.partition_count}; });
  RenderPartitionFamilies(p);
  RenderGroupFamilies(p);
}

}  // namespace backlogd::exposition
