#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

// Values that a Kafka cluster speaks in. Plain data: no librdkafka, no behaviour.
namespace backlogd::kafka {

using BrokerId = std::int32_t;  // node id; kNoBroker where there is none
using PartitionId = std::int32_t;
using Offset = std::int64_t;  // >= 0; "unknown" is an absent optional, never a negative number

inline constexpr BrokerId kNoBroker = -1;

struct Broker {
  BrokerId id = kNoBroker;
  std::string host;
  std::uint16_t port = 0;
  std::string rack;  // empty where none is set
};

struct PartitionMetadata {
  PartitionId id = 0;
  BrokerId leader = kNoBroker;
  std::uint16_t replicas = 0;
  std::uint16_t in_sync_replicas = 0;
  BrokerId preferred_leader = kNoBroker;  // the first of its replicas
};

struct TopicMetadata {
  std::string name;
  std::vector<PartitionMetadata> partitions;  // ascending by id
};

struct Metadata {
  std::string cluster_id;  // empty if the cluster has none
  std::vector<Broker> brokers;
  std::vector<TopicMetadata> topics;  // ascending by name; internal topics too
};

enum class GroupType { kUnknown, kClassic, kConsumer };
enum class GroupState {
  kUnknown,  // KIP-848's Assigning and Reconciling too: librdkafka does not tell them
  kPreparingRebalance,
  kCompletingRebalance,
  kStable,
  kDead,
  kEmpty,
};

// Kafka's own words: "Classic", "Consumer"; "Stable", "PreparingRebalance", ...; "Unknown".
std::string_view ToText(GroupType type);
std::string_view ToText(GroupState state);

// A group as its coordinator lists it.
struct ListedGroup {
  std::string id;
  GroupType type = GroupType::kUnknown;
  GroupState state = GroupState::kUnknown;
};
struct GroupListing {
  std::vector<ListedGroup> groups;
};

// A group and the broker to ask about it.
struct GroupAt {
  std::string_view id;  // must outlive the call
  BrokerId coordinator = kNoBroker;
};

struct TopicAssignment {
  std::string topic;
  std::vector<PartitionId> partitions;
  std::uint32_t member = 0;  // whose: its place among the members
};
struct GroupDescription {
  GroupType type = GroupType::kUnknown;
  GroupState state = GroupState::kUnknown;  // kDead without members: not a consumer group, or gone
  std::uint32_t members = 0;
  std::vector<TopicAssignment> assignments;  // of all members together; a topic may stand twice
  std::string assignor = {};                 // "range", "uniform", ...; empty if there is none
};

struct CommittedOffset {
  std::string_view topic;  // valid during the callback only
  PartitionId partition = 0;
  Offset offset = 0;
  std::string_view metadata = {};  // the text beside the commit; valid during the callback only
};

// A partition and the broker to ask about it.
struct PartitionAt {
  std::string_view topic;  // must outlive the call
  PartitionId partition = 0;
  BrokerId leader = kNoBroker;
};

// Which offset of a partition's log is asked for.
enum class OffsetSpec { kEarliest, kLatest, kLastStable };

// A partition, and a timestamp: asked is its first record at or after it.
struct PartitionTime {
  PartitionAt partition;
  WallTime time{};
};

struct PartitionOffset {
  std::optional<Offset> offset;       // absent: no answer, or (by time, no error) no such record
  std::optional<WallTime> timestamp;  // by time: that of the record found
  std::optional<Error> error;         // why there is no answer
};

struct TopicId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend bool operator==(const TopicId&, const TopicId&) = default;
};

struct TopicConfig {
  bool deletes = true;                                    // cleanup.policy has "delete"
  std::optional<std::chrono::milliseconds> retention_ms;  // absent: unlimited
  std::optional<std::int64_t> retention_bytes;            // of one partition; absent: unlimited
  std::optional<std::int64_t> max_message_bytes = {};     // of a batch as it is stored
  bool timestamps_are_of_the_append = false;              // message.timestamp.type=LogAppendTime
  bool takes_dead_letters = false;  // errors.deadletterqueue.group.enable=true (KIP-1191)
  std::string cleanup_policy = {};  // as Kafka writes it: "delete", "compact,delete", ...
};

// What the client measured about one broker since it was made.
struct BrokerStatistics {
  BrokerId broker = kNoBroker;
  struct Request {
    std::string name;         // Kafka's name, for example "OffsetFetch"
    std::uint64_t count = 0;  // only grows
  };
  std::vector<Request> requests;
  // Round trip of the last statistics window, in seconds; empty if nothing was asked in it.
  struct Quantile {
    double quantile = 0;
    double seconds = 0;
  };
  std::vector<Quantile> rtt;
  double rtt_sum_seconds = 0;   // over all windows; only grows
  std::uint64_t rtt_count = 0;  // over all windows; only grows
  double throttle_seconds = 0;  // worst throttle of the last window
};

}  // namespace backlogd::kafka
