// The page of kminion.

#include "exposition/compat_rendering.h"

namespace backlogd::exposition {
namespace {

using analysis::GroupReport;
using analysis::GroupTopicReport;
using analysis::PairReport;
using analysis::PartitionReport;
using analysis::TopicReport;

// What kminion writes for a configuration that it could not read.
constexpr std::string_view kNoConfiguration = "N/A";

std::string Joined(const std::string& first, const std::string& more) {
  return first.empty() ? more : first + "," + more;
}

// Which version the brokers are of is a guess, and which of them is the controller they answer by
// chance with KRaft: a label that changed with each poll would make new series each time.
void RenderCluster(PeerRendering& p) {
  const analysis::LagReport& report = p.r.report;
  PeerLine(p, "kminion_kafka_cluster_info",
           Label("cluster_version", "") + "," +
               Label("broker_count", std::to_string(report.brokers.size())) + "," +
               Label("controller_id", "") + "," + Label("cluster_id", report.cluster_id),
           1);
  p.r.out.BeginFamily("kminion_kafka_broker_info");
  for (const kafka::Broker& broker : report.brokers) {
    const std::string facts = Label("broker_id", std::to_string(broker.id)) + "," +
                              Label("address", broker.host) + "," +
                              Label("port", std::to_string(broker.port)) + "," +
                              Label("rack_id", broker.rack) + "," + Label("is_controller", "");
    p.r.out.Line(Joined(p.first, facts), std::int64_t{1});
  }
}

void RenderTopicInfo(PeerRendering& p) {
  std::string start = BeginPeerLines(p, "kminion_kafka_topic_info");
  const std::size_t head = start.size();
  for (std::size_t i = 0; i < p.r.report.topics.size(); ++i) {
    const TopicReport& topic = p.r.report.topics[i];
    const auto partitions = PartitionsOf(p.r.report, topic);
    const int replicas = partitions.empty() ? 0 : partitions.front().replicas;
    start.resize(head);
    AppendLabel(start, p.topics[i]);
    start += "," + Label("partition_count", std::to_string(topic.partition_count)) + "," +
             Label("replication_factor", replicas == 0 ? "" : std::to_string(replicas)) + "," +
             Label("cleanup_policy",
                   topic.cleanup_policy.empty() ? kNoConfiguration : topic.cleanup_policy);
    EndPeerLine(p, start, std::int64_t{1});
  }
}

// Not known unless all of them are.
std::int64_t Sum(std::span<const PartitionReport> partitions,
                 Member<std::int64_t, PartitionReport> offset) {
  std::int64_t sum = 0;
  for (const PartitionReport& partition : partitions) {
    if (partition.*offset < 0) return analysis::kUnknown;
    sum += partition.*offset;
  }
  return sum;
}

struct WaterMark {
  std::string_view of_partition;
  std::string_view of_topic;
  Member<std::int64_t, PartitionReport> offset;
};

void RenderWaterMark(PeerRendering& p, const WaterMark& mark) {
  PeerPartitions(p, mark.of_partition,
                 [&mark](const PartitionReport& one) { return one.*mark.offset; });
  PeerTopics(p, mark.of_topic, [&](const TopicReport& topic) {
    return Sum(PartitionsOf(p.r.report, topic), mark.offset);
  });
}

void RenderGroupInfo(PeerRendering& p) {
  std::string start = BeginPeerLines(p, "kminion_kafka_consumer_group_info");
  const std::size_t head = start.size();
  for (std::size_t i = 0; i < p.r.report.groups.size(); ++i) {
    const GroupReport& group = p.r.report.groups[i];
    if (!group.state) continue;
    const kafka::BrokerId coordinator = group.state->coordinator;
    start.resize(head);
    AppendLabel(start, p.groups[i]);
    start +=
        "," + Label("protocol", group.assignor) + "," +
        Label("protocol_type", group.members > 0 ? "consumer" : "") + "," +
        Label("state", ToText(group.state->state)) + "," +
        Label("coordinator_id", coordinator == kafka::kNoBroker ? "" : std::to_string(coordinator));
    EndPeerLine(p, start, std::int64_t{group.state->state == kafka::GroupState::kStable});
  }
}

// Has no line for a topic of which nothing is assigned.
AnyNumber UnlessNone(std::int64_t number) { return {number > 0, number}; }

void RenderGroups(PeerRendering& p) {
  RenderGroupInfo(p);
  PeerGroups(p, "kminion_kafka_consumer_group_members",
             [](const GroupReport& group) { return group.members; });
  PeerGroups(p, "kminion_kafka_consumer_group_empty_members",
             [](const GroupReport& group) { return group.empty_members; });
  PeerGroupTopics(p, "kminion_kafka_consumer_group_topic_members",
                  [](const GroupTopicReport& read) { return UnlessNone(read.assigned_members); });
  PeerGroupTopics(
      p, "kminion_kafka_consumer_group_topic_assigned_partitions",
      [](const GroupTopicReport& read) { return UnlessNone(read.assigned_partitions); });
  const auto committed = [&p](const GroupTopicReport& read) {
    return CommittedSum(PairsOf(p.r.report, read));
  };
  PeerGroupTopics(p, "kminion_kafka_consumer_group_topic_offset_sum", committed);
  PeerPairs(p, "kminion_kafka_consumer_group_topic_partition_lag",
            [](const PairReport& pair) { return pair.lag; });
  PeerGroupTopics(p, "kminion_kafka_consumer_group_topic_lag",
                  [](const GroupTopicReport& read) { return read.lag; });
}

}  // namespace

void RenderKminion(PeerRendering p) {
  PeerLine(p, "kminion_exporter_up", Label("version", "backlogd"), p.r.report.up ? 1 : 0);
  if (!p.r.report.has_data) return;
  RenderCluster(p);
  RenderTopicInfo(p);
  RenderWaterMark(p, {"kminion_kafka_topic_partition_low_water_mark",
                      "kminion_kafka_topic_low_water_mark_sum", &PartitionReport::start});
  RenderWaterMark(p, {"kminion_kafka_topic_partition_high_water_mark",
                      "kminion_kafka_topic_high_water_mark_sum", &PartitionReport::end});
  RenderGroups(p);
}

}  // namespace backlogd::exposition
