#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/cause.h"
#include "analysis/status.h"
#include "analysis/unknown.h"
#include "base/result.h"
#include "base/time.h"
#include "deadletters/progress.h"
#include "deadletters/reason.h"
#include "kafka/types.h"
#include "snapshot/cluster_snapshot.h"

// What the polls so far mean: what exposition renders. A plain value.
// Offsets, lags and times are -1 where they are not known (kUnknown); counters only grow.
namespace backlogd::analysis {

using snapshot::TopicIndex;  // position in LagReport::topics, which is sorted by name

struct PartitionReport {
  TopicIndex topic = 0;
  kafka::PartitionId partition = 0;
  std::int64_t start = kUnknown;
  std::int64_t last_stable = kUnknown;
  std::int64_t end = kUnknown;
  kafka::BrokerId leader = kafka::kNoBroker;
  kafka::BrokerId preferred_leader = kafka::kNoBroker;
  std::uint16_t replicas = 0;  // 0: its metadata were never read
  std::uint16_t in_sync_replicas = 0;
};

struct TopicReport {
  std::string name;
  std::uint32_t first_partition = 0;  // partitions[first_partition .. + partition_count)
  std::uint32_t partition_count = 0;
  std::uint32_t partitions_without_leader = 0;
  std::uint32_t partitions_under_replicated = 0;
  std::int64_t retained_records = kUnknown;  // sum of end - start
  std::int64_t records_produced = kUnknown;  // counter; known only if all its logs are
  // Time after which records are deleted; absent if unlimited or not known.
  std::optional<std::chrono::milliseconds> retention;
  std::int64_t groups = kUnknown;   // groups with commits on it
  std::string cleanup_policy = {};  // as Kafka writes it; empty if not known
};

// A group's position in one partition.
struct PairReport {
  kafka::PartitionId partition = 0;
  std::int64_t committed = kUnknown;
  std::int64_t lag = kUnknown;            // log end - committed, as kafka-consumer-groups says
  std::int64_t effective_lag = kUnknown;  // max(0, end - max(committed, start)): still readable
  // Milliseconds since the oldest record that the group has not read (and still can) was written; 0
  // if none is waiting.
  std::int64_t lag_ms = kUnknown;
  std::optional<Status> status = {};  // absent if not known (yet)
};

struct GroupTopicReport {
  TopicIndex topic = 0;
  std::uint32_t first_pair = 0;    // pairs[first_pair .. + pair_count), ascending by partition
  std::uint32_t pair_count = 0;    // partitions with a commit
  std::int64_t lag = kUnknown;     // sum; known only if there is a commit and all parts are known
  std::int64_t lag_ms = kUnknown;  // the worst; known only if all are
  std::int64_t records_consumed = kUnknown;        // counter; known only if the commits are
  std::int64_t lost_records = kUnknown;            // counter; the same
  std::int64_t uncommitted_partitions = kUnknown;  // assigned to a member, never committed
  std::int64_t assigned_partitions = kUnknown;
  std::int64_t assigned_members = kUnknown;  // that have partitions of it
};

struct GroupReport {
  std::string name;
  // Absent if the coordinator did not list the group for three polls.
  struct State {
    kafka::GroupType type = kafka::GroupType::kUnknown;
    kafka::GroupState state = kafka::GroupState::kUnknown;
    kafka::BrokerId coordinator = kafka::kNoBroker;
  };
  std::optional<State> state;
  std::int64_t members = kUnknown;
  std::int64_t empty_members = kUnknown;  // that are assigned nothing
  std::string assignor = {};              // empty if there is none or it is not known
  std::int64_t assigned_partitions = kUnknown;
  std::uint32_t first_topic = 0;  // group_topics[first_topic .. + topic_count), ascending
  std::uint32_t topic_count = 0;
  std::int64_t lag = kUnknown;      // sum over all partitions with a commit
  std::int64_t max_lag = kUnknown;  // of one partition
  // Partitions that belong to the group and whose lag is not known now; kUnknown if the commits
  // were never read.
  std::int64_t unknown_partitions = kUnknown;
  std::int64_t lag_ms = kUnknown;  // the worst; known only if all are

  std::optional<Status> status;  // the worst; absent unless all are known
  // Of a backlog that grows or stays; absent if there is none or the status is not known.
  std::optional<Cause> cause;
  // Milliseconds until the backlog is gone at the present speed, 0 if the group keeps up; kUnknown
  // if it does not shrink in some partition.
  std::int64_t drain_ms = kUnknown;
  // Milliseconds until the first of the unread records may be deleted; kUnknown if none is waiting,
  // none is ever deleted, or it is not known.
  std::int64_t headroom_ms = kUnknown;
  // Records per second over the last window, and in normal times (see GroupEvidence).
  std::optional<double> inflow;
  std::optional<double> inflow_baseline;
  std::optional<double> consumption;
  std::optional<double> consumption_baseline;
  std::optional<double> member_capacity;  // records per second, as last observed, or else hinted
  std::int64_t members_needed = kUnknown;
  std::optional<WallTime> last_commit;  // when a commit was last seen to move
};

// What a group that handles the records of a dead-letter queue has still before it.
struct PendingReport {
  std::string group;
  std::int64_t records = kUnknown;
};

// Dead letters that were read, by reason.
struct ClassifiedReport {
  std::string source_topic;                                           // "" if not known
  std::array<std::uint64_t, deadletters::kReasonCount> records = {};  // counters, by Reason
};

// The labels' values at these places of the arrays here.
inline std::string_view ReasonAt(std::size_t index) {
  return deadletters::ToText(static_cast<deadletters::Reason>(index));
}
inline std::string_view ActionAt(std::size_t index) {
  return deadletters::ToText(static_cast<deadletters::Action>(index));
}

struct DeadLetterReport {
  TopicIndex topic = 0;
  std::string source_topic;  // "" if not known, or if there are several
  std::string group;         // whose dead letters they are; "" if not known
  std::string_view convention;
  std::int64_t retained = kUnknown;
  std::int64_t records = kUnknown;  // counter: written since the queue was first seen
  std::int64_t expired = kUnknown;  // counter: deleted before anybody handled them
  // One for each group that handles the queue; one without a name if there is none.
  std::vector<PendingReport> pending;
  // When the oldest record that is pending for all of them was written; absent if none is, or it
  // is not known.
  std::optional<WallTime> oldest;
  bool handled_known = false;
  std::array<std::uint64_t, deadletters::kActionCount> handled = {};  // counters, by Action
  std::vector<ClassifiedReport> classified;  // ascending by source_topic; empty if nobody reads
  std::int64_t scan_failures = kUnknown;     // counter; known only if somebody reads
};

struct LagReport {
  WallTime taken_at{};  // of the poll
  // False: nothing was read for three polls (or ever), so that all but the poll's own outcome
  // (steps, failures, up) is withheld.
  bool has_data = false;
  WallTime data_time{};  // when the newest data here was read
  // Every broker and partition that was asked in the last poll answered.
  bool up = false;
  std::string cluster_id;
  std::vector<kafka::Broker> brokers;
  std::vector<TopicReport> topics;          // ascending by name
  std::vector<PartitionReport> partitions;  // ascending by (topic, partition)
  std::vector<GroupReport> groups;          // ascending by name
  std::vector<GroupTopicReport> group_topics;
  std::vector<PairReport> pairs;
  std::vector<DeadLetterReport> dead_letters;  // ascending by topic
  std::uint64_t carried_values = 0;            // values here that an earlier poll read
  std::array<snapshot::StepResult, snapshot::kStepCount> steps{};
  std::vector<snapshot::Failure> failures;
  std::vector<kafka::BrokerStatistics> client_statistics;  // ascending by broker
};

}  // namespace backlogd::analysis
