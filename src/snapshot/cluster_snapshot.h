#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "kafka/types.h"

// What one poll saw: a plain value without pointers, locks or clock. What could not be read is
// absent and named in `failures`. Made by Collector, read by analysis.
namespace backlogd::snapshot {

// Position in ClusterSnapshot::topics. Topics are sorted by name, so that the order of indexes is
// the order of names, in this snapshot and in every other.
using TopicIndex = std::uint32_t;

// The parts of a poll, in their order; the names (see ToText) are values of the label `step`.
enum class Step {
  kMetadata,
  kListGroups,
  kLogStartOffsets,
  kCommittedOffsets,
  kLastStableOffsets,
  kLogEndOffsets,
  kDescribeGroups,
  kDescribeTopics,
  kTopicConfigs,
  kOffsetsForTimes,
  kReadDeadLetters,
};
inline constexpr int kStepCount = 11;
std::string_view ToText(Step step);

struct StepResult {
  bool ran = false;      // false: an earlier step failed, so this one could not be tried
  bool success = false;  // ran, and everything that was asked was answered
  std::chrono::duration<double> duration{0};
};

// Some questions of one step failed for one reason.
struct Failure {
  Step step = Step::kMetadata;
  ErrorKind kind = ErrorKind::kOther;
  std::uint64_t count = 0;  // how many things asked for have no answer
  std::string example;      // message of the first, for the log
};

// How one step went, by itself.
struct StepOutcome {
  Step step = Step::kMetadata;
  StepResult result;
  std::vector<Failure> failures;  // at most one for each kind
};

// One partition's log. An offset is -1 where it is not known: `Known()` asks, and nothing outside
// analysis looks at the number of an unknown one.
struct PartitionLog {
  TopicIndex topic = 0;
  kafka::PartitionId partition = 0;
  kafka::BrokerId leader = kafka::kNoBroker;
  std::uint16_t replicas = 0;
  std::uint16_t in_sync_replicas = 0;
  kafka::Offset start = -1;        // log start offset
  kafka::Offset last_stable = -1;  // <= end
  kafka::Offset end = -1;          // log end offset (high watermark)
  kafka::BrokerId preferred_leader = kafka::kNoBroker;
};
inline bool Known(kafka::Offset offset) { return offset >= 0; }

struct Topic {
  std::string name;
  std::uint32_t first_partition = 0;  // partitions[first_partition .. + partition_count)
  std::uint32_t partition_count = 0;
  std::optional<kafka::TopicId> id;  // as last described; a new id is a new topic of that name
  std::optional<kafka::TopicConfig> config;  // as last described
};

// A partition and a group's position in it.
struct Committed {
  TopicIndex topic = 0;
  kafka::PartitionId partition = 0;
  kafka::Offset offset = 0;
};

// The text that a group has put beside a commit.
struct CommitText {
  TopicIndex topic = 0;
  kafka::PartitionId partition = 0;
  std::string text;
};

struct AssignedPartition {
  TopicIndex topic = 0;
  kafka::PartitionId partition = 0;
  std::uint32_t member = 0;  // to whom: its place among the members
};

struct Group {
  std::string name;
  kafka::GroupType type = kafka::GroupType::kUnknown;
  kafka::GroupState state = kafka::GroupState::kUnknown;
  kafka::BrokerId coordinator = kafka::kNoBroker;  // that listed it
  // Commits on watched topics that exist: committed[first_committed .. + committed_count), sorted
  // by (topic, partition). Meaningless unless `committed_known`.
  bool committed_known = false;
  bool committed_refused = false;  // not known, because we may not see them
  std::uint32_t first_committed = 0;
  std::uint32_t committed_count = 0;
  std::vector<CommitText> commit_texts;  // of those commits that have one, if asked for; as sorted
  // Only if the group was described in this poll (or is Empty, which needs no asking).
  bool described = false;
  std::uint32_t members = 0;
  std::uint32_t empty_members = 0;   // that are assigned nothing, watched or not
  std::string assignor = {};         // empty if there is none
  std::uint32_t first_assigned = 0;  // assigned[first_assigned .. + assigned_count), sorted
  std::uint32_t assigned_count = 0;
};

// An instant of a clock that nobody sets and that stands still while the machine sleeps: tells only
// how much time passed since another.
using SteadyTime = std::chrono::steady_clock::time_point;

struct ClusterSnapshot {
  WallTime taken_at{};  // when the poll began
  WallTime ends_at{};   // when it began to read the log ends: they are at least of that instant
  SteadyTime ends_steady{};  // the same instant by the steady clock
  // False: not even the metadata was read; everything below but steps and failures is empty.
  bool metadata_known = false;
  // False: there may be groups that are not in `groups`, because a broker did not list its own.
  bool groups_complete = false;
  std::string cluster_id;
  std::vector<kafka::Broker> brokers;    // ascending by id
  std::vector<Topic> topics;             // watched; ascending by name
  std::vector<PartitionLog> partitions;  // ascending by (topic, partition)
  std::vector<Group> groups;             // watched; ascending by name
  // Names of what exists and is not watched; ascending.
  std::vector<std::string> unwatched_topics;
  std::vector<std::string> unwatched_groups;  // as far as brokers listed their groups
  std::vector<std::string> unlisted_groups;   // that were listed before and may exist; ascending
  std::vector<Committed> committed;           // by group, see Group
  std::vector<AssignedPartition> assigned;    // by group, see Group
  std::array<StepResult, kStepCount> steps{};
  std::vector<Failure> failures;                           // at most one for each (step, kind)
  std::vector<kafka::BrokerStatistics> client_statistics;  // ascending by broker
};

}  // namespace backlogd::snapshot
