#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/baseline.h"
#include "analysis/broker_health.h"
#include "analysis/dead_letters.h"
#include "analysis/lag_analyzer.h"
#include "analysis/lag_report.h"
#include "analysis/offset_timeline.h"
#include "analysis/poll_number.h"
#include "analysis/samples.h"
#include "analysis/status.h"
#include "snapshot/cluster_snapshot.h"

// What LagAnalyzer remembers of one cluster between polls.
namespace backlogd::analysis {

struct OffsetHistory {
  kafka::Offset offset = kUnknown;
  PollNumber seen_at = 0;
};

struct PartitionHistory {
  kafka::PartitionId partition = 0;
  kafka::BrokerId leader = kafka::kNoBroker;
  kafka::BrokerId preferred_leader = kafka::kNoBroker;
  std::uint16_t replicas = 0;
  std::uint16_t in_sync_replicas = 0;
  bool under_replicated = false;
  std::uint8_t useless_lookups = 0;  // in a row; each doubles the time until the next is tried
  PollNumber next_lookup = 0;        // poll in which timestamps may be looked up again
  OffsetHistory start;
  OffsetHistory last_stable;
  OffsetHistory end;
  // Log end up to which records are counted as produced; kUnknown: the next end read starts it.
  kafka::Offset produced_until = kUnknown;
  std::int64_t records_that_fit = kUnknown;  // into the log's bytes, as its last cut showed
  OffsetSamples starts = kNoSamples;
  OffsetSamples last_stables = kNoSamples;
  OffsetSamples ends = kNoSamples;
  OffsetTimeline timeline;
};

struct TopicHistory {
  std::string name;
  std::optional<kafka::TopicId> id;
  std::optional<kafka::TopicConfig> config;
  std::uint64_t records_produced = 0;
  PollNumber appeared_at = 0;  // poll that saw it first, if one before saw that it was not there
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
  kafka::Offset rewound_from = kUnknown;  // where the commit was before it went back
  OffsetSamples commits = kNoSamples;
  WallTime waiting_since{};         // since then records have waited and the commit has not moved
  std::uint32_t usual_wait_ms = 0;  // the longest of the last waits that ended
  PollNumber lag_at = 0;            // both lags come from the commit and the log end of this poll
  PollNumber status_at = 0;         // poll that last judged the pair
  std::uint16_t caught_up = 0;   // bit of a slot: nothing was waiting in some poll since its sample
  bool of_former_topic = false;  // what stands here is of a topic that was deleted since
  StatusFilter filter;
  Status status = Status::kOk;
};

struct GroupTopicCounters {
  TopicIndex topic = 0;
  std::uint64_t records_consumed = 0;
  std::uint64_t lost_records = 0;
};

// What was found out about a group as a whole; `at` is the poll in which all of its partitions were
// known. (See GroupReport.)
struct GroupVerdict {
  PollNumber at = 0;
  std::optional<Status> status;
  std::optional<Cause> cause;
  std::optional<Baseline::Rates> rates;
  std::int64_t drain_ms = kUnknown;
  std::int64_t members_needed = kUnknown;
};

struct GroupHistory {
  std::string name;
  bool reads_committed = false;
  bool is_own = false;  // backlogd-dlq's: tells of dead letters, and is no consumer group to us
  kafka::GroupType type = kafka::GroupType::kUnknown;
  kafka::GroupState state = kafka::GroupState::kUnknown;
  kafka::BrokerId coordinator = kafka::kNoBroker;
  PollNumber listed_at = 0;
  PollNumber committed_at = 0;
  bool committed_refused = false;  // we may not see its commits
  PollNumber described_at = 0;
  std::uint32_t members = 0;
  std::uint32_t empty_members = 0;
  std::string assignor;
  std::vector<snapshot::AssignedPartition> assigned;  // ascending
  std::vector<PairHistory> pairs;                     // ascending by (topic, partition)
  std::vector<GroupTopicCounters> counters;           // ascending by topic

  WallTime steady_since{};  // since then the same number of members, and no rebalance
  bool had_members = false;
  WallTime uncommitted_since{};  // since then records wait where nothing was ever committed
  WallTime uncommitted_from{};   // records that came after this instant count
  std::optional<WallTime> last_commit;
  Baseline baseline;
  std::optional<double> member_capacity;        // as last observed
  std::optional<double> capacity_hint;          // as the operator said
  std::uint32_t partitions_without_leader = 0;  // of those it has committed
  GroupVerdict verdict;
};

// Records per second of one member: as observed, or else as the operator said.
inline std::optional<double> CapacityOf(const GroupHistory& group) {
  return group.member_capacity ? group.member_capacity : group.capacity_hint;
}

// A timestamp that is being looked up.
struct WantedTime {
  TopicIndex topic = 0;
  std::uint32_t partition = 0;  // index in TopicHistory::partitions
  WallTime time{};
  std::int32_t queue = -1;  // in DeadLetterHistory::queues, if it is for the oldest dead letter
};

// How the last poll went.
struct PollOutcome {
  WallTime taken_at{};
  bool metadata_known = false;
  std::array<snapshot::StepResult, snapshot::kStepCount> steps{};
  std::vector<snapshot::Failure> failures;
  std::vector<kafka::BrokerStatistics> client_statistics;
};

struct LagHistory {
  explicit LagHistory(const AnalysisSettings& settings)
      : clock(settings.window, settings.poll_interval) {}

  PollNumber poll = 0;
  PollNumber metadata_at = 0;      // last poll that read the metadata
  bool selection_changed = false;  // since then: what is seen first need not be new
  WallTime data_time{};
  SampleClock clock;             // its now(): when the newest log ends were read
  bool groups_complete = false;  // in that poll
  std::string cluster_id;
  std::vector<kafka::Broker> brokers;
  std::vector<TopicHistory> topics;  // ascending by name
  std::vector<GroupHistory> groups;  // ascending by name
  DeadLetterHistory dead_letters;
  BrokerHealth broker_health;
  std::uint32_t lookup_round = 0;  // in this poll
  std::vector<WantedTime> wanted;  // asked last
  PollOutcome outcome;
};

// Whether members and assignments may be served. Descriptions are read in every third poll, so that
// two polls more are not a failure yet.
inline bool IsDescribed(const GroupHistory& group, PollNumber poll) {
  return group.described_at != 0 && poll - group.described_at <= kCarriedPolls + 1;
}

// The partition's history; null if the topic has none of that number.
const PartitionHistory* FindPartition(const TopicHistory& topic, kafka::PartitionId partition);

// Forgets every instant: see SampleClock::Tick. What was counted stays. REQUIRES: history.clock
// has been advanced
void ForgetTimes(LagHistory& history);
// Folds one poll in. REQUIRES: history.poll and history.clock have been advanced, metadata_at not
// yet; seen.metadata_known
void FoldTopics(const snapshot::ClusterSnapshot& seen, LagHistory& history);
// REQUIRES: FoldTopics was called with the same snapshot
void FoldGroups(const snapshot::ClusterSnapshot& seen, const AnalysisSettings& settings,
                LagHistory& history);
// Takes over what the settings say of this group.
void ApplySettings(const AnalysisSettings& settings, GroupHistory& group);
// Judges every group by what is remembered of it. REQUIRES: FoldGroups was called in this poll
void JudgeGroups(const AnalysisSettings& settings, LagHistory& history);

// See LagAnalyzer.
std::vector<kafka::PartitionTime> WantTimes(std::size_t most, const AnalysisSettings& settings,
                                            LagHistory& history);
void TakeTimes(std::span<const kafka::PartitionOffset> answers, LagHistory& history);

// What the history says now: all of a report but the outcome of the poll.
void Report(const LagHistory& history, LagReport& report);

}  // namespace backlogd::analysis
