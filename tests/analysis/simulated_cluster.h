#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "analysis/draw.h"
#include "analysis/simulated_log.h"
#include "kafka/types.h"
#include "snapshot/cluster_snapshot.h"

// A small Kafka with producers and consumers in virtual time: all its parts may be changed at any
// time, and move on with Advance.
namespace backlogd::analysis {

struct SimulatedPartition {
  SimulatedLog log;
  double rate = 0;                                // records per second that producers write
  double owed = 0;                                // part of a record that they have written
  std::chrono::milliseconds lie{0};               // by which CreateTimes are wrong
  std::optional<kafka::Offset> open_transaction;  // its first record
  bool has_leader = true;
  bool lost_replica = false;
};

struct SimulatedTopic {
  std::string name;
  bool exists = true;
  kafka::TopicId id;
  std::optional<std::chrono::milliseconds> retention;
  std::optional<std::int64_t> retained_records;  // what retention.bytes comes to, of a partition
  double noise = 0;                              // rates go up and down by this share
  std::chrono::milliseconds burst_period{0};     // 0: steady; else all is written ...
  double burst_share = 1;                        // ... in this share of each period
  std::vector<SimulatedPartition> partitions;
};

// A group's place in a partition.
struct SimulatedPosition {
  std::size_t topic = 0;  // index in SimulatedCluster::topics
  kafka::PartitionId partition = 0;
  double read = 0;  // up to here
  std::optional<kafka::Offset> committed;
  int member = -1;     // that reads it; -1: none
  bool stuck = false;  // whoever reads it does not get on
};

struct SimulatedMember {
  double capacity = 0;  // records per second that it can read
  bool reads = true;
};

struct SimulatedGroup {
  std::string name;
  bool exists = true;
  kafka::GroupType type = kafka::GroupType::kClassic;
  bool reads_committed = false;
  bool commits = true;
  std::chrono::milliseconds commit_interval{5000};
  std::vector<SimulatedMember> members;
  std::vector<SimulatedPosition> positions;  // ascending by (topic, partition)

  WallTime rebalanced_at{};  // until then a rebalance is under way
  WallTime commit_at{};      // when members commit next
  kafka::GroupState described_state = kafka::GroupState::kUnknown;  // as last described
  WallTime described_at{};
};

// What is true of a commit in a snapshot.
struct PairTruth {
  std::int64_t lag = 0;
  bool seen = false;        // its log has a leader that answered
  std::int64_t age_ms = 0;  // of the oldest unread record; 0: nothing waits
};

class SimulatedCluster {
 public:
  SimulatedCluster(std::uint64_t seed, WallTime now) : draw_(seed), now_(now) {}

  // Lets producers write, consumers read and commit, and Kafka delete, until `until`.
  void Advance(WallTime until);

  // What a poll sees that begins now and lasts `takes`; time passes meanwhile. `clock_ahead`: by
  // which the daemon's clock is.
  struct Seen {
    snapshot::ClusterSnapshot snapshot;
    std::vector<PairTruth> truths;  // of snapshot.committed, in their order
  };
  Seen Poll(std::chrono::milliseconds takes,
            std::chrono::milliseconds clock_ahead = std::chrono::milliseconds(0));
  // What Kafka answers to lookups of timestamps.
  std::vector<kafka::PartitionOffset> LookUp(std::span<const kafka::PartitionTime> question) const;

  // Deletes the topic and makes one of the same name: groups keep no commits on it.
  void Recreate(std::size_t topic);
  // Adds the group's positions in partitions of the topic that it does not read yet, at their ends,
  // committed if the group commits.
  void Subscribe(std::size_t topic, SimulatedGroup& group);
  // Gives the partitions to the members anew; they read on from what is committed. Nobody reads for
  // as long as it takes.
  void Rebalance(std::chrono::milliseconds takes, SimulatedGroup& group);
  // Sets the commit, as kafka-consumer-groups --reset-offsets does.
  void Reset(kafka::Offset offset, SimulatedPosition& position);

  SimulatedLog& LogOf(const SimulatedPosition& position) {
    return topics[position.topic].partitions[static_cast<std::size_t>(position.partition)].log;
  }
  WallTime now() const { return now_; }

  std::vector<SimulatedTopic> topics;  // ascending by name; one that does not exist keeps its place
  std::vector<SimulatedGroup> groups;  // ascending by name

 private:
  void Produce(WallTime until);
  void Delete();
  void Read(WallTime until, SimulatedGroup& group);
  double ReadableEnd(const SimulatedGroup& group, const SimulatedPosition& position) const;

  void SeeTopics(snapshot::ClusterSnapshot& seen) const;
  // Returns whose they are, in their order.
  using Places = std::vector<std::pair<const SimulatedGroup*, const SimulatedPosition*>>;
  Places SeeCommits(snapshot::ClusterSnapshot& seen) const;
  void SeeLogEnds(snapshot::ClusterSnapshot& seen) const;
  void SeeMembers(snapshot::ClusterSnapshot& seen);
  PairTruth TruthOf(kafka::Offset committed, const SimulatedGroup& group,
                    const SimulatedPosition& position) const;

  Draw draw_;
  WallTime now_;
  WallTime deletes_at_{};
  std::uint64_t next_topic_id_ = 1;
};

// Up to where records are of ended transactions.
kafka::Offset LastStable(const SimulatedPartition& partition);

}  // namespace backlogd::analysis
