#include "exposition/metric_catalog.h"

#include <algorithm>
#include <cassert>
#include <vector>

#include "exposition/compat_catalog.h"

namespace backlogd::exposition {
namespace {

using enum MetricType;

constexpr std::string_view kCluster[] = {"kafka_cluster"};
constexpr std::string_view kClusterId[] = {"kafka_cluster", "cluster_id"};
constexpr std::string_view kBroker[] = {"kafka_cluster", "broker"};
constexpr std::string_view kBrokerAddress[] = {"kafka_cluster", "broker", "address", "rack"};
constexpr std::string_view kBrokerRequest[] = {"kafka_cluster", "broker", "request"};
constexpr std::string_view kTopic[] = {"kafka_cluster", "topic"};
constexpr std::string_view kPartition[] = {"kafka_cluster", "topic", "partition"};
constexpr std::string_view kGroup[] = {"kafka_cluster", "group"};
constexpr std::string_view kGroupState[] = {"kafka_cluster", "group", "type", "state"};
constexpr std::string_view kGroupStatus[] = {"kafka_cluster", "group", "status"};
constexpr std::string_view kGroupCause[] = {"kafka_cluster", "group", "cause"};
constexpr std::string_view kGroupTopic[] = {"kafka_cluster", "group", "topic"};
constexpr std::string_view kPair[] = {"kafka_cluster", "group", "topic", "partition"};
constexpr std::string_view kPairStatus[] = {"kafka_cluster", "group", "topic", "partition",
                                            "status"};
constexpr std::string_view kQueue[] = {"kafka_cluster", "group", "topic", "source_topic",
                                       "convention"};
constexpr std::string_view kTopicAction[] = {"kafka_cluster", "topic", "action"};
constexpr std::string_view kTopicReason[] = {"kafka_cluster", "topic", "source_topic", "reason"};
constexpr std::string_view kStep[] = {"kafka_cluster", "step"};
constexpr std::string_view kStepReason[] = {"kafka_cluster", "step", "reason"};
constexpr std::string_view kBuild[] = {"version", "revision"};
constexpr std::string_view kFamily[] = {"family"};
constexpr std::string_view kLevel[] = {"level"};
constexpr std::string_view kClusterLevel[] = {"kafka_cluster", "level"};
constexpr std::string_view kCode[] = {"code"};
constexpr std::span<const std::string_view> kNoLabels;

constexpr MetricSpec kCatalog[] = {
    // Cluster
    {"backlogd_up", kGauge,
     "1 if every broker and partition that was asked in the last poll answered, 0 if not; absent "
     "until the first poll has ended.",
     kCluster},
    {"backlogd_cluster_info", kInfo, "The cluster's id, as a label; absent if it has none.",
     kClusterId},
    {"backlogd_brokers", kGauge, "Brokers in the cluster's metadata.", kCluster},
    {"backlogd_broker_info", kInfo,
     "A broker's address and rack, as labels; the rack is empty where none is set.",
     kBrokerAddress},

    // Topic
    {"backlogd_topic_partitions", kGauge, "Partitions of the topic.", kTopic},
    {"backlogd_topic_partitions_without_leader", kGauge,
     "Partitions of the topic that have no leader, so that nobody can read or write them.", kTopic},
    {"backlogd_topic_partitions_under_replicated", kGauge,
     "Partitions of the topic with fewer in-sync replicas than replicas.", kTopic},
    {"backlogd_topic_retained_records", kGauge,
     "Log end minus log start, summed over the topic's partitions; absent unless all of them are "
     "known.",
     kTopic},
    {"backlogd_topic_records_produced_total", kCounter,
     "Records by which the topic's log ends have grown since backlogd first saw it; absent unless "
     "all of them are known.",
     kTopic},
    {"backlogd_topic_retention_seconds", kGauge,
     "Age at which the topic's records are deleted; absent if there is no limit or it is not "
     "known.",
     kTopic},
    {"backlogd_topic_groups", kGauge,
     "Watched groups with a committed offset on the topic; absent if that is not known.", kTopic},

    // Topic partition
    {"backlogd_partition_log_start_offset", kGauge,
     "Offset of the oldest record that can still be read; absent if not known.", kPartition},
    {"backlogd_partition_log_end_offset", kGauge,
     "Offset that the next record will get (high watermark); absent if not known.", kPartition},
    {"backlogd_partition_last_stable_offset", kGauge,
     "Offset of the first record of the oldest open transaction, or the log end; absent if not "
     "known.",
     kPartition},

    // Group
    {"backlogd_group_state", kGauge,
     "1 for the group's type and state as Kafka names them; absent if its coordinator did not "
     "tell.",
     kGroupState},
    {"backlogd_group_members", kGauge, "Members of the group; absent if not known.", kGroup},
    {"backlogd_group_assigned_partitions", kGauge,
     "Watched partitions assigned to the group's members; absent if not known.", kGroup},
    {"backlogd_group_lag_records", kGauge,
     "Log end (last stable offset, with isolation read_committed) minus committed offset, summed "
     "over all partitions that the group has committed; absent unless all of them are known.",
     kGroup},
    {"backlogd_group_max_lag_records", kGauge,
     "The largest lag that the group has in one partition; absent unless all of them are known.",
     kGroup},
    {"backlogd_group_lag_seconds", kGauge,
     "Age of the oldest record that the group has not read and still can, 0 if none is waiting; "
     "absent unless it is known for all partitions that the group has committed.",
     kGroup},
    {"backlogd_group_unknown_partitions", kGauge,
     "Partitions of the group whose lag is not known now; absent if its commits were never read.",
     kGroup},
    {"backlogd_group_status", kGauge,
     "1 for the group's status, the worst of its partitions'; from best to worst: ok, catching_up, "
     "falling_behind, rewound, not_committing (is assigned partitions that it never committed), "
     "stalled, stopped, losing_data; absent unless that of every partition is known.",
     kGroupStatus},
    {"backlogd_group_backlog_cause", kGauge,
     "1 for why the group has a backlog that grows or stays: broker, consumer_stopped, skew, "
     "producer_surge, consumer_slowdown, too_few_partitions, underprovisioned, or unknown if "
     "nothing of these shows; absent if there is no such backlog. While the status is not known: "
     "broker if partitions of the group have no leader, else absent.",
     kGroupCause},
    {"backlogd_group_drain_seconds", kGauge,
     "Time until the group's backlog is gone at the present speed, 0 if the group keeps up; absent "
     "if it does not shrink in some partition or that is not known.",
     kGroup},
    {"backlogd_group_retention_headroom_seconds", kGauge,
     "Least time after which a record that the group has not read may be deleted; absent if none "
     "is waiting, none is ever deleted, or it is not known.",
     kGroup},
    {"backlogd_group_member_capacity_records_per_second", kGauge,
     "Records that one member of the group reads in a second when it always has records waiting, "
     "as last observed; until it was, as analysis.capacity_hints says, or else absent.",
     kGroup},
    {"backlogd_group_members_needed", kGauge,
     "Members that read what is written now and drain the backlog in analysis.drain_time, at least "
     "1 and at most one for each partition; absent unless inflow, lag and the capacity of a member "
     "are known.",
     kGroup},
    {"backlogd_group_last_commit_timestamp_seconds", kGauge,
     "Unix time at which a committed offset of the group was last seen to move; absent if none "
     "was.",
     kGroup},
    {"backlogd_group_inflow_records_per_second", kGauge,
     "Records written in a second, over the last analysis.window, to the partitions that the group "
     "has committed; absent if not known.",
     kGroup},
    {"backlogd_group_inflow_baseline_records_per_second", kGauge,
     "The group's inflow in normal times: the median of the last windows in which its status was "
     "ok; absent if not known.",
     kGroup},
    {"backlogd_group_consumption_records_per_second", kGauge,
     "Records by which the group's committed offsets advance in a second, over the last "
     "analysis.window; absent if not known.",
     kGroup},
    {"backlogd_group_consumption_baseline_records_per_second", kGauge,
     "The group's consumption in normal times: the median of the last windows in which its status "
     "was ok; absent if not known.",
     kGroup},

    // Group and topic
    {"backlogd_group_topic_lag_records", kGauge,
     "Log end (last stable offset, with isolation read_committed) minus committed offset, summed "
     "over the topic's partitions that the group has committed; absent unless all of them are "
     "known.",
     kGroupTopic},
    {"backlogd_group_topic_lag_seconds", kGauge,
     "Age of the oldest record of the topic that the group has not read and still can, 0 if none "
     "is waiting; absent unless it is known for all its partitions that the group has committed.",
     kGroupTopic},
    {"backlogd_group_topic_records_consumed_total", kCounter,
     "Records by which the group's committed offsets in the topic have advanced since backlogd "
     "first saw them; absent if the commits are not known.",
     kGroupTopic},
    {"backlogd_group_topic_lost_records_total", kCounter,
     "Records of the topic that were deleted before the group committed them, since backlogd "
     "first saw its commits; absent if those are not known.",
     kGroupTopic},
    {"backlogd_group_topic_uncommitted_partitions", kGauge,
     "Partitions of the topic that are assigned to a member of the group and were never committed; "
     "absent if not known.",
     kGroupTopic},

    // Group, topic and partition
    {"backlogd_group_partition_lag_records", kGauge,
     "Log end (last stable offset, with isolation read_committed) minus committed offset; absent "
     "if either is not known.",
     kPair},
    {"backlogd_group_partition_lag_seconds", kGauge,
     "Age of the oldest record of the partition that the group has not read and still can, 0 if "
     "none is waiting; absent if not known.",
     kPair},
    {"backlogd_group_partition_status", kGauge,
     "1 for the status of the group's reading of the partition, see backlogd_group_status; absent "
     "if it is ok or not known.",
     kPairStatus},
    {"backlogd_group_partition_committed_offset", kGauge,
     "Offset that the group has committed; only with detail full.", kPair},
    {"backlogd_group_partition_effective_lag_records", kGauge,
     "Records after the committed offset that can still be read; absent if not known, and only "
     "with detail full.",
     kPair},

    // Dead letters
    {"backlogd_dlq_info", kInfo,
     "A dead-letter queue: whose records die there (group), where they came from (source_topic), "
     "each empty if not known or several, and what made it one (convention).",
     kQueue},
    {"backlogd_dlq_retained_records", kGauge,
     "Log end minus log start of the dead-letter queue, handled or not; absent if not known.",
     kTopic},
    {"backlogd_dlq_pending_records", kGauge,
     "Records of the dead-letter queue that the group, which handles it, has not handled; with an "
     "empty group, all that are retained, if no group handles it; absent if not known.",
     kGroupTopic},
    {"backlogd_dlq_records_total", kCounter,
     "Records by which the dead-letter queue has grown since backlogd first saw it; absent if its "
     "log ends are not known.",
     kTopic},
    {"backlogd_dlq_classified_records_total", kCounter,
     "Dead letters that backlogd has read since it first saw the queue, by the topic that they "
     "came from (empty if not known) and why they died: retries_exhausted, format, business, "
     "timeout, permission or unknown; absent unless dead_letters.scan is on.",
     kTopicReason},
    {"backlogd_dlq_oldest_record_timestamp_seconds", kGauge,
     "Unix time that the oldest pending record of the dead-letter queue bears; absent if none is "
     "pending or it is not known.",
     kTopic},
    {"backlogd_dlq_expired_records_total", kCounter,
     "Records of the dead-letter queue that were deleted before anybody handled them, since "
     "backlogd first saw it; absent if its log starts are not known.",
     kTopic},
    {"backlogd_dlq_handled_records_total", kCounter,
     "Records of the dead-letter queue that backlogd-dlq has handled, by what was done: reviewed, "
     "redelivered, logged or discarded; absent if not known.",
     kTopicAction},
    {"backlogd_dlq_scan_failures_total", kCounter,
     "Attempts to read a partition of the dead-letter queue that failed; absent unless "
     "dead_letters.scan is on.",
     kTopic},

    // Self
    {"backlogd_build_info", kInfo, "Version and source revision of backlogd, as labels.", kBuild},
    {"backlogd_poll_duration_seconds", kHistogram, "Time that a poll of the cluster took.",
     kCluster},
    {"backlogd_poll_step_duration_seconds", kGauge,
     "Time that the step took in the last poll; absent if it was not tried.", kStep},
    {"backlogd_poll_step_success", kGauge,
     "1 if all that the step asked in the last poll was answered, 0 if not or if an earlier step's "
     "failure prevented it.",
     kStep},
    {"backlogd_poll_failures_total", kCounter,
     "Questions of the step that Kafka left unanswered, by reason.", kStepReason},
    {"backlogd_last_success_timestamp_seconds", kGauge,
     "Unix time of the last poll in which every broker and partition answered; absent until there "
     "is one.",
     kCluster},
    {"backlogd_snapshot_timestamp_seconds", kGauge,
     "Unix time at which the newest of the cluster's data was read; absent if there is none.",
     kCluster},
    {"backlogd_carried_values", kGauge,
     "Values that the last poll could not read and that are still shown as an earlier poll read "
     "them; absent while the cluster's data are withheld.",
     kCluster},
    {"backlogd_kafka_requests_total", kCounter, "Requests sent to the broker, by Kafka's name.",
     kBrokerRequest},
    {"backlogd_kafka_request_rtt_seconds", kSummary,
     "Round trip of requests to the broker; the quantiles are those of the last statistics window "
     "and absent if nothing was asked in it.",
     kBroker},
    {"backlogd_kafka_throttle_seconds", kGauge,
     "Longest time for which the broker throttled a request in the last statistics window.",
     kBroker},
    {"backlogd_series", kGauge, "Series on this page, by family.", kFamily},
    {"backlogd_series_dropped", kGauge,
     "Series of the cluster that metrics.series_budget leaves out, by level: full, "
     "group_partition, "
     "topic_partition or group_topic; counted as if all were known and every partition in trouble.",
     kClusterLevel},
    {"backlogd_log_messages_total", kCounter, "Events logged, by level.", kLevel},
    {"backlogd_config_reload_success", kGauge,
     "1 if the last attempt to load the configuration succeeded, 0 if not.", kNoLabels},
    {"backlogd_config_reload_timestamp_seconds", kGauge,
     "Unix time at which the configuration in use was loaded.", kNoLabels},
    {"backlogd_http_requests_total", kCounter, "HTTP requests answered, by status code.", kCode},
    {"process_cpu_seconds_total", kCounter, "User and system CPU time of the process.", kNoLabels},
    {"process_resident_memory_bytes", kGauge, "Resident memory of the process.", kNoLabels},
    {"process_virtual_memory_bytes", kGauge, "Virtual memory of the process.", kNoLabels},
    {"process_open_fds", kGauge, "Open file descriptors of the process.", kNoLabels},
    {"process_max_fds", kGauge, "Largest number of file descriptors that the process may open.",
     kNoLabels},
    {"process_start_time_seconds", kGauge, "Unix time at which the process started.", kNoLabels},
};

const std::vector<MetricSpec>& Whole() {
  static const std::vector<MetricSpec> whole = [] {
    std::vector<MetricSpec> families(std::begin(kCatalog), std::end(kCatalog));
    for (const Peer peer : kPeers) {
      const std::span<const MetricSpec> more = FamiliesOf(peer);
      families.insert(families.end(), more.begin(), more.end());
    }
    return families;
  }();
  return whole;
}

}  // namespace

std::span<const MetricSpec> Catalog() { return std::span(Whole()).first(std::size(kCatalog)); }

std::span<const MetricSpec> WholeCatalog() { return Whole(); }

const MetricSpec& FindMetric(std::string_view name) {
  const auto found = std::ranges::find(Whole(), name, &MetricSpec::name);
  assert(found != Whole().end());
  return *found;
}

}  // namespace backlogd::exposition
