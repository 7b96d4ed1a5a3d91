#include "exposition/documented_peers.h"

namespace backlogd::exposition {
namespace {

Documented OfKafkaExporter() {
  return {{"kafka_brokers", {}},
          {"kafka_broker_info", {"id", "address"}},
          {"kafka_topic_partitions", {"topic"}},
          {"kafka_topic_partition_current_offset", {"topic", "partition"}},
          {"kafka_topic_partition_oldest_offset", {"topic", "partition"}},
          {"kafka_topic_partition_leader", {"topic", "partition"}},
          {"kafka_topic_partition_replicas", {"topic", "partition"}},
          {"kafka_topic_partition_in_sync_replica", {"topic", "partition"}},
          {"kafka_topic_partition_leader_is_preferred", {"topic", "partition"}},
          {"kafka_topic_partition_under_replicated_partition", {"topic", "partition"}},
          {"kafka_consumergroup_current_offset", {"consumergroup", "topic", "partition"}},
          {"kafka_consumergroup_current_offset_sum", {"consumergroup", "topic"}},
          {"kafka_consumergroup_lag", {"consumergroup", "topic", "partition"}},
          {"kafka_consumergroup_lag_sum", {"consumergroup", "topic"}},
          {"kafka_consumergroup_members", {"consumergroup"}}};
}

Documented OfKminion() {
  return {
      {"kminion_exporter_up", {"version"}},
      {"kminion_kafka_cluster_info",
       {"cluster_version", "broker_count", "controller_id", "cluster_id"}},
      {"kminion_kafka_broker_info", {"broker_id", "address", "port", "rack_id", "is_controller"}},
      {"kminion_kafka_topic_info",
       {"topic_name", "partition_count", "replication_factor", "cleanup_policy"}},
      {"kminion_kafka_topic_partition_high_water_mark", {"topic_name", "partition_id"}},
      {"kminion_kafka_topic_partition_low_water_mark", {"topic_name", "partition_id"}},
      {"kminion_kafka_topic_high_water_mark_sum", {"topic_name"}},
      {"kminion_kafka_topic_low_water_mark_sum", {"topic_name"}},
      {"kminion_kafka_consumer_group_info",
       {"group_id", "protocol", "protocol_type", "state", "coordinator_id"}},
      {"kminion_kafka_consumer_group_members", {"group_id"}},
      {"kminion_kafka_consumer_group_empty_members", {"group_id"}},
      {"kminion_kafka_consumer_group_topic_members", {"group_id", "topic_name"}},
      {"kminion_kafka_consumer_group_topic_assigned_partitions", {"group_id", "topic_name"}},
      {"kminion_kafka_consumer_group_topic_offset_sum", {"group_id", "topic_name"}},
      {"kminion_kafka_consumer_group_topic_partition_lag",
       {"group_id", "topic_name", "partition_id"}},
      {"kminion_kafka_consumer_group_topic_lag", {"group_id", "topic_name"}}};
}

Documented OfKafkaLagExporter() {
  return {
      {"kafka_partition_latest_offset", {"cluster_name", "topic", "partition"}},
      {"kafka_partition_earliest_offset", {"cluster_name", "topic", "partition"}},
      {"kafka_consumergroup_group_offset",
       {"cluster_name", "group", "topic", "partition", "member_host", "consumer_id", "client_id"}},
      {"kafka_consumergroup_group_lag",
       {"cluster_name", "group", "topic", "partition", "member_host", "consumer_id", "client_id"}},
      {"kafka_consumergroup_group_lag_seconds",
       {"cluster_name", "group", "topic", "partition", "member_host", "consumer_id", "client_id"}},
      {"kafka_consumergroup_group_topic_sum_lag", {"cluster_name", "group", "topic"}},
      {"kafka_consumergroup_group_sum_lag", {"cluster_name", "group"}},
      {"kafka_consumergroup_group_max_lag", {"cluster_name", "group"}},
      {"kafka_consumergroup_group_max_lag_seconds", {"cluster_name", "group"}},
      {"kafka_consumergroup_poll_time_ms", {"cluster_name"}},
      {"kafka_consumergroup_group_state", {"cluster_name", "group"}},
      {"kafka_consumergroup_group_messages_lost", {"cluster_name", "group", "topic", "partition"}},
      {"kafka_consumergroup_group_retention_margin",
       {"cluster_name", "group", "topic", "partition"}},
      {"kafka_consumergroup_group_lag_retention_ratio",
       {"cluster_name", "group", "topic", "partition"}},
      {"kafka_lag_exporter_up", {}},
      {"kafka_lag_exporter_last_update_timestamp_seconds", {"cluster_name"}}};
}

Documented OfBurrow() {
  return {
      {"burrow_kafka_topic_partition_offset", {"cluster", "topic", "partition"}},
      {"burrow_kafka_consumer_current_offset", {"cluster", "consumer_group", "topic", "partition"}},
      {"burrow_kafka_consumer_partition_lag", {"cluster", "consumer_group", "topic", "partition"}},
      {"burrow_kafka_consumer_lag_total", {"cluster", "consumer_group"}},
      {"burrow_kafka_consumer_status", {"cluster", "consumer_group"}},
      {"burrow_kafka_topic_partition_status", {"cluster", "consumer_group", "topic", "partition"}},
      {"kafka_burrow_topic_partition_offset", {"cluster", "topic", "partition"}},
      {"kafka_burrow_partition_max_offset", {"cluster", "group", "topic", "partition"}},
      {"kafka_burrow_partition_current_offset", {"cluster", "group", "topic", "partition"}},
      {"kafka_burrow_partition_lag", {"cluster", "group", "topic", "partition"}},
      {"kafka_burrow_total_lag", {"cluster", "group"}},
      {"kafka_burrow_status", {"cluster", "group"}},
      {"kafka_burrow_partition_status", {"cluster", "group", "topic", "partition"}}};
}

}  // namespace

Documented DocumentedOf(Peer peer) {
  switch (peer) {
    case Peer::kKafkaExporter: return OfKafkaExporter();
    case Peer::kKminion: return OfKminion();
    case Peer::kKafkaLagExporter: return OfKafkaLagExporter();
    case Peer::kBurrow: break;
  }
  return OfBurrow();
}

}  // namespace backlogd::exposition
