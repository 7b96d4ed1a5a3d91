// The families of other exporters, under the names and labels that they have there. Data.

#include "exposition/compat_catalog.h"

namespace backlogd::exposition {
namespace {

using enum MetricType;

constexpr std::span<const std::string_view> kNoLabels;

// kafka_exporter (danielqsj)
constexpr std::string_view kExporterBroker[] = {"id", "address"};
constexpr std::string_view kTopic[] = {"topic"};
constexpr std::string_view kPartition[] = {"topic", "partition"};
constexpr std::string_view kExporterGroup[] = {"consumergroup"};
constexpr std::string_view kExporterGroupTopic[] = {"consumergroup", "topic"};
constexpr std::string_view kExporterPair[] = {"consumergroup", "topic", "partition"};

// kminion
constexpr std::string_view kVersion[] = {"version"};
constexpr std::string_view kMinionCluster[] = {"cluster_version", "broker_count", "controller_id",
                                               "cluster_id"};
constexpr std::string_view kMinionBroker[] = {"broker_id", "address", "port", "rack_id",
                                              "is_controller"};
constexpr std::string_view kMinionTopicInfo[] = {"topic_name", "partition_count",
                                                 "replication_factor", "cleanup_policy"};
constexpr std::string_view kMinionTopic[] = {"topic_name"};
constexpr std::string_view kMinionPartition[] = {"topic_name", "partition_id"};
constexpr std::string_view kMinionGroupInfo[] = {"group_id", "protocol", "protocol_type", "state",
                                                 "coordinator_id"};
constexpr std::string_view kMinionGroup[] = {"group_id"};
constexpr std::string_view kMinionGroupTopic[] = {"group_id", "topic_name"};
constexpr std::string_view kMinionPair[] = {"group_id", "topic_name", "partition_id"};

// kafka-lag-exporter (seglo), and what klag-exporter (softwaremill) has beside its names
constexpr std::string_view kLagCluster[] = {"cluster_name"};
constexpr std::string_view kLagPartition[] = {"cluster_name", "topic", "partition"};
constexpr std::string_view kLagGroup[] = {"cluster_name", "group"};
constexpr std::string_view kLagGroupTopic[] = {"cluster_name", "group", "topic"};
constexpr std::string_view kLagPair[] = {"cluster_name", "group", "topic", "partition"};
constexpr std::string_view kLagMemberPair[] = {
    "cluster_name", "group", "topic", "partition", "member_host", "consumer_id", "client_id"};

// Burrow (linkedin), and burrow_exporter (jirwin)
constexpr std::string_view kBurrowPartition[] = {"cluster", "topic", "partition"};
constexpr std::string_view kBurrowGroup[] = {"cluster", "consumer_group"};
constexpr std::string_view kBurrowPair[] = {"cluster", "consumer_group", "topic", "partition"};
constexpr std::string_view kBurrowExporterGroup[] = {"cluster", "group"};
constexpr std::string_view kBurrowExporterPair[] = {"cluster", "group", "topic", "partition"};

constexpr MetricSpec kKafkaExporter[] = {
    {"kafka_brokers", kGauge, "Brokers in the cluster's metadata.", kNoLabels},
    {"kafka_broker_info", kGauge, "1 for each broker, with its id and address.", kExporterBroker},
    {"kafka_topic_partitions", kGauge, "Partitions of the topic.", kTopic},
    {"kafka_topic_partition_current_offset", kGauge,
     "Offset that the next record will get; absent if not known.", kPartition},
    {"kafka_topic_partition_oldest_offset", kGauge,
     "Offset of the oldest record that can still be read; absent if not known.", kPartition},
    {"kafka_topic_partition_leader", kGauge,
     "Id of the broker that leads the partition; absent if none does.", kPartition},
    {"kafka_topic_partition_replicas", kGauge, "Replicas of the partition.", kPartition},
    {"kafka_topic_partition_in_sync_replica", kGauge, "In-sync replicas of the partition.",
     kPartition},
    {"kafka_topic_partition_leader_is_preferred", kGauge,
     "1 if the first of its replicas leads the partition, 0 if not.", kPartition},
    {"kafka_topic_partition_under_replicated_partition", kGauge,
     "1 if fewer replicas are in sync than the partition has, 0 if not.", kPartition},
    {"kafka_consumergroup_members", kGauge, "Members of the group; absent if not known.",
     kExporterGroup},
    {"kafka_consumergroup_current_offset", kGauge,
     "Offset that the group has committed, -1 if none while it has one in another partition of the "
     "topic; absent if not known.",
     kExporterPair},
    {"kafka_consumergroup_current_offset_sum", kGauge,
     "Sum of kafka_consumergroup_current_offset over the topic, with each -1 in it; absent unless "
     "all are known.",
     kExporterGroupTopic},
    {"kafka_consumergroup_lag", kGauge,
     "Log end minus committed offset, -1 if none is committed while one is in another partition of "
     "the topic; absent if not known.",
     kExporterPair},
    {"kafka_consumergroup_lag_sum", kGauge,
     "Sum of kafka_consumergroup_lag over the topic, without each -1; absent unless all are known.",
     kExporterGroupTopic},
};

constexpr MetricSpec kKminion[] = {
    {"kminion_exporter_up", kGauge,
     "1 if every broker and partition answered in the last poll, 0 if not.", kVersion},
    {"kminion_kafka_cluster_info", kGauge,
     "1, with facts about the cluster as labels, each empty if not known.", kMinionCluster},
    {"kminion_kafka_broker_info", kGauge,
     "1 for each broker, with facts about it as labels, each empty if not known.", kMinionBroker},
    {"kminion_kafka_topic_info", kGauge,
     "1 for each topic, with facts about it as labels, N/A where its configuration is not known.",
     kMinionTopicInfo},
    {"kminion_kafka_topic_partition_low_water_mark", kGauge,
     "Offset of the oldest record that can still be read; absent if not known.", kMinionPartition},
    {"kminion_kafka_topic_low_water_mark_sum", kGauge,
     "Sum of the low water marks of the topic's partitions; absent unless all are known.",
     kMinionTopic},
    {"kminion_kafka_topic_partition_high_water_mark", kGauge,
     "Offset that the next record will get; absent if not known.", kMinionPartition},
    {"kminion_kafka_topic_high_water_mark_sum", kGauge,
     "Sum of the high water marks of the topic's partitions; absent unless all are known.",
     kMinionTopic},
    {"kminion_kafka_consumer_group_info", kGauge,
     "1 if the group is Stable, 0 if not, with facts about it as labels, each empty if not known.",
     kMinionGroupInfo},
    {"kminion_kafka_consumer_group_members", kGauge, "Members of the group; absent if not known.",
     kMinionGroup},
    {"kminion_kafka_consumer_group_empty_members", kGauge,
     "Members of the group that are assigned nothing; absent if not known.", kMinionGroup},
    {"kminion_kafka_consumer_group_topic_members", kGauge,
     "Members of the group that are assigned partitions of the topic; absent if none or not known.",
     kMinionGroupTopic},
    {"kminion_kafka_consumer_group_topic_assigned_partitions", kGauge,
     "Partitions of the topic that members of the group are assigned; absent if none or not known.",
     kMinionGroupTopic},
    {"kminion_kafka_consumer_group_topic_offset_sum", kGauge,
     "Sum of the offsets that the group has committed in the topic; absent unless all are known.",
     kMinionGroupTopic},
    {"kminion_kafka_consumer_group_topic_partition_lag", kGauge,
     "Log end minus committed offset, at least 0; absent if not known.", kMinionPair},
    {"kminion_kafka_consumer_group_topic_lag", kGauge,
     "Sum of the group's lags in the topic; absent unless all are known.", kMinionGroupTopic},
};

constexpr MetricSpec kKafkaLagExporter[] = {
    {"kafka_partition_latest_offset", kGauge,
     "Offset that the next record will get; absent if not known.", kLagPartition},
    {"kafka_partition_earliest_offset", kGauge,
     "Offset of the oldest record that can still be read; absent if not known.", kLagPartition},
    {"kafka_consumergroup_group_offset", kGauge, "Offset that the group has committed, or NaN.",
     kLagMemberPair},
    {"kafka_consumergroup_group_lag", kGauge, "Log end minus committed offset, at least 0, or NaN.",
     kLagMemberPair},
    {"kafka_consumergroup_group_lag_seconds", kGauge,
     "Age of the oldest record of the partition that the group has not read, or NaN.",
     kLagMemberPair},
    {"kafka_consumergroup_group_max_lag", kGauge,
     "The largest lag that the group has in one partition, or NaN.", kLagGroup},
    {"kafka_consumergroup_group_max_lag_seconds", kGauge,
     "Age of the oldest record that the group has not read, or NaN.", kLagGroup},
    {"kafka_consumergroup_group_sum_lag", kGauge, "Sum of the group's lags, or NaN.", kLagGroup},
    {"kafka_consumergroup_group_topic_sum_lag", kGauge,
     "Sum of the group's lags in the topic, or NaN.", kLagGroupTopic},
    {"kafka_consumergroup_poll_time_ms", kGauge,
     "Time that the steps of the last poll took, in milliseconds.", kLagCluster},
    {"kafka_consumergroup_group_state", kGauge,
     "State of the group: 0 unknown, 1 PreparingRebalance, 2 CompletingRebalance, 3 Stable, 4 "
     "Dead, "
     "5 Empty; absent if its coordinator did not tell.",
     kLagGroup},
    {"kafka_consumergroup_group_messages_lost", kGauge,
     "Records below the log start that the group has not committed; absent if not known, and only "
     "with detail full.",
     kLagPair},
    {"kafka_consumergroup_group_retention_margin", kGauge,
     "Committed offset minus log start, negative where records are lost; absent if not known, and "
     "only with detail full.",
     kLagPair},
    {"kafka_consumergroup_group_lag_retention_ratio", kGauge,
     "Lag in percent of what the log holds, 0 if it is empty; absent if not known, and only with "
     "detail full.",
     kLagPair},
    {"kafka_lag_exporter_up", kGauge,
     "1 if every broker and partition answered in the last poll, 0 if not.", kNoLabels},
    {"kafka_lag_exporter_last_update_timestamp_seconds", kGauge,
     "Unix time at which the newest of the cluster's data was read; absent if there is none.",
     kLagCluster},
};

constexpr MetricSpec kBurrow[] = {
    {"burrow_kafka_consumer_lag_total", kGauge,
     "Sum of the group's lags; absent unless all are known.", kBurrowGroup},
    {"burrow_kafka_consumer_status", kGauge,
     "Status of the group: 1 OK, 2 WARN (falls behind), 3 ERR (rewound, not committing, stalled, "
     "stopped or losing data); absent if not known.",
     kBurrowGroup},
    {"burrow_kafka_topic_partition_status", kGauge,
     "Status of the partition: 1 OK, 2 WARN (falls behind), 3 ERR (loses data), 4 STOP, 5 STALL, 6 "
     "REWIND; absent if not known.",
     kBurrowPair},
    {"burrow_kafka_consumer_current_offset", kGauge,
     "Offset that the group has committed; absent if not known.", kBurrowPair},
    {"burrow_kafka_consumer_partition_lag", kGauge,
     "Log end minus committed offset, at least 0; absent if not known.", kBurrowPair},
    {"burrow_kafka_topic_partition_offset", kGauge,
     "Offset that the next record will get; absent if not known.", kBurrowPartition},
    {"kafka_burrow_total_lag", kGauge, "Sum of the group's lags; absent unless all are known.",
     kBurrowExporterGroup},
    {"kafka_burrow_status", kGauge,
     "Status of the group, one above burrow_kafka_consumer_status: 2 OK, 3 WARN, 4 ERR; absent if "
     "not known.",
     kBurrowExporterGroup},
    {"kafka_burrow_partition_status", kGauge,
     "Status of the partition, one above burrow_kafka_topic_partition_status: 2 OK, 3 WARN, 4 ERR, "
     "5 STOP, 6 STALL, 7 REWIND; absent if not known.",
     kBurrowExporterPair},
    {"kafka_burrow_partition_current_offset", kGauge,
     "Offset that the group has committed; absent if not known.", kBurrowExporterPair},
    {"kafka_burrow_partition_lag", kGauge,
     "Log end minus committed offset, at least 0; absent if not known.", kBurrowExporterPair},
    {"kafka_burrow_partition_max_offset", kGauge,
     "Offset that the next record of the partition will get; absent if not known.",
     kBurrowExporterPair},
    {"kafka_burrow_topic_partition_offset", kGauge,
     "Offset that the next record will get; absent if not known.", kBurrowPartition},
};

}  // namespace

std::span<const MetricSpec> FamiliesOf(Peer peer) {
  switch (peer) {
    case Peer::kKafkaExporter: return kKafkaExporter;
    case Peer::kKminion: return kKminion;
    case Peer::kKafkaLagExporter: return kKafkaLagExporter;
    case Peer::kBurrow: break;
  }
  return kBurrow;
}

}  // namespace backlogd::exposition
