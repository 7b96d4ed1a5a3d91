#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/lag_report.h"
#include "snapshot/cluster_snapshot.h"

// What LagAnalyzer remembers of one cluster between polls.
namespace backlogd::analysis {

// Number of a poll, from 1; 0 is "never".
using PollNumber = std::uint32_t;

// A value lives through two polls that could not read it.
inline constexpr PollNumber kCarriedPolls = 2;

// Whether a value last read in poll `seen_at` may still be served in poll `now`.
inline bool IsFresh(PollNumber seen_at, PollNumber now) {
  return seen_at != 0 && now - seen_at <= kCarriedPolls;
}

struct OffsetHistory {
  kafka::Offset offset = kUnknown;
  PollNumber seen_at = 0;
};

struct PartitionHistory {
  kafka::PartitionId partition = 0;
  bool has_leader = false;
  bool under_replicated = false;
  OffsetHistory start;
  OffsetHistory last_stable;
  OffsetHistory end;
  // Log end up to which records are counted as produced; kUnknown: the next end read starts it.
  kafka::Offset produced_until = kUnknown;
};

struct TopicHistory {
  std::string name;
  std::optional<kafka::TopicId> id;
  std::optional<kafka::TopicConfig> config;
  std::uint64_t records_produced = 0;
  std::vector<PartitionHistory> partitions;  // ascending
};

// A group's position in one partition.
struct PairHistory {
  TopicIndex topic = 0;
  kafka::PartitionId partition = 0;
  kafka::Offset committed = 0;
  // Log start up to which lost records are counted; kUnknown: the next one read starts it.
  kafka::Offset lost_until = kUnknown;
  std::int64_t lag = kUnknown;
  std::int64_t effective_lag = kUnknown;
  PollNumber lag_at = 0;         // both numbers come from the commit and the log end of this poll
  bool of_former_topic = false;  // what stands here is of a topic that was deleted since
};

struct GroupTopicCounters {
  TopicIndex topic = 0;
  std::uint64_t records_consumed = 0;
  std::uint64_t lost_records = 0;
};

struct GroupHistory {
  std::string name;
  kafka::GroupType type = kafka::GroupType::kUnknown;
  kafka::GroupState state = kafka::GroupState::kUnknown;
  PollNumber listed_at = 0;
  PollNumber committed_at = 0;
  PollNumber described_at = 0;
  std::uint32_t members = 0;
  std::vector<snapshot::AssignedPartition> assigned;  // ascending
  std::vector<PairHistory> pairs;                     // ascending by (topic, partition)
  std::vector<GroupTopicCounters> counters;           // ascending by topic
};

struct LagHistory {
  PollNumber poll = 0;
  PollNumber metadata_at = 0;  // last poll that read the metadata
  WallTime data_time{};
  bool groups_complete = false;  // in that poll
  std::string cluster_id;
  std::vector<kafka::Broker> brokers;
  std::vector<TopicHistory> topics;  // ascending by name
  std::vector<GroupHistory> groups;  // ascending by name
};

// Folds one poll in. REQUIRES: history.poll has been advanced, metadata_at not yet;
// seen.metadata_known
void FoldTopics(const snapshot::ClusterSnapshot& seen, LagHistory& history);
// REQUIRES: FoldTopics was called with the same snapshot
void FoldGroups(const snapshot::ClusterSnapshot& seen, LagHistory& history);

// What the history says now: all of a report but the outcome of the poll.
void Report(const LagHistory& history, LagReport& report);

}  // namespace backlogd::analysis
