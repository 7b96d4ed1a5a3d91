#include "analysis/simulated_cluster.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace backlogd::analysis {
namespace {

using std::chrono::milliseconds;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr milliseconds kStep = 1s;
constexpr milliseconds kDeletionInterval = 10s;
constexpr milliseconds kDescribed = 37'500ms;  // in every third poll

double SecondsOf(milliseconds time) { return static_cast<double>(time.count()) / 1000; }

void SeeLogEnd(const SimulatedPartition& from, snapshot::PartitionLog& log) {
  if (!from.has_leader) return;
  log.end = from.log.end();
  log.last_stable = std::max(log.start, LastStable(from));
}

bool IsBursting(const SimulatedTopic& topic, WallTime now) {
  if (topic.burst_period == 0ms) return true;
  const milliseconds phase = now.time_since_epoch() % topic.burst_period;
  return SecondsOf(phase) < SecondsOf(topic.burst_period) * topic.burst_share;
}

// Shares what a member can read among the partitions in which something waits for it.
void ReadFairly(std::span<const std::pair<SimulatedPosition*, double>> waiting, double budget) {
  std::size_t left = waiting.size();
  for (const auto& [position, end] : waiting) {  // least first
    const double share = std::min(budget / static_cast<double>(left--), end - position->read);
    position->read += share;
    budget -= share;
  }
}

}  // namespace

kafka::Offset LastStable(const SimulatedPartition& partition) {
  const kafka::Offset end = partition.log.end();
  return std::clamp(partition.open_transaction.value_or(end), partition.log.start(), end);
}

void SimulatedCluster::Advance(WallTime until) {
  while (now_ < until) {
    const WallTime next = std::min(until, now_ + kStep);
    Produce(next);
    for (SimulatedGroup& group : groups) {
      if (group.exists) Read(next, group);
    }
    now_ = next;
    if (now_ < deletes_at_) continue;
    deletes_at_ = now_ + kDeletionInterval;
    Delete();
  }
}

void SimulatedCluster::Produce(WallTime until) {
  for (SimulatedTopic& topic : topics) {
    if (!topic.exists || !IsBursting(topic, now_)) continue;
    for (SimulatedPartition& partition : topic.partitions) {
      if (!partition.has_leader || partition.rate <= 0) continue;
      const double noise = topic.noise > 0 ? draw_.Real(1 - topic.noise, 1 + topic.noise) : 1;
      const double share = topic.burst_period == 0ms ? 1 : topic.burst_share;
      partition.owed += partition.rate / share * noise * SecondsOf(until - now_);
      const double whole = std::floor(partition.owed);
      partition.owed -= whole;
      partition.log.Append(now_, until, static_cast<std::int64_t>(whole), partition.lie);
    }
  }
}

void SimulatedCluster::Delete() {
  for (SimulatedTopic& topic : topics) {
    for (SimulatedPartition& partition : topic.partitions) {
      if (topic.retention) partition.log.DeleteOlderThan(now_ - *topic.retention);
      if (!topic.retained_records) continue;
      // Whole segments: half of what is retained goes at once.
      const std::int64_t held = partition.log.end() - partition.log.start();
      if (held < *topic.retained_records * 3 / 2) continue;
      partition.log.DeleteBefore(partition.log.end() - *topic.retained_records);
    }
  }
}

double SimulatedCluster::ReadableEnd(const SimulatedGroup& group,
                                     const SimulatedPosition& position) const {
  const SimulatedPartition& partition =
      topics[position.topic].partitions[static_cast<std::size_t>(position.partition)];
  if (!partition.has_leader || position.stuck) return 0;
  return static_cast<double>(group.reads_committed ? LastStable(partition) : partition.log.end());
}

void SimulatedCluster::Read(WallTime until, SimulatedGroup& group) {
  if (until <= group.rebalanced_at) return;
  for (std::size_t m = 0; m < group.members.size(); ++m) {
    if (!group.members[m].reads) continue;
    std::vector<std::pair<SimulatedPosition*, double>> waiting;
    for (SimulatedPosition& position : group.positions) {
      if (position.member != static_cast<int>(m) || !topics[position.topic].exists) continue;
      // Out of range: auto.offset.reset.
      const SimulatedLog& log = LogOf(position);
      position.read = std::clamp(position.read, static_cast<double>(log.start()),
                                 static_cast<double>(log.end()));
      const double end = ReadableEnd(group, position);
      if (end > position.read) waiting.emplace_back(&position, end);
    }
    std::ranges::sort(waiting, {}, [](const auto& one) { return one.second - one.first->read; });
    ReadFairly(waiting, group.members[m].capacity * SecondsOf(until - now_));
  }
  if (!group.commits || until < group.commit_at) return;
  group.commit_at = until + group.commit_interval;
  for (SimulatedPosition& position : group.positions) {
    if (position.member < 0 || !topics[position.topic].exists) continue;
    if (!group.members[static_cast<std::size_t>(position.member)].reads || position.stuck) continue;
    position.committed = static_cast<kafka::Offset>(position.read);
  }
}

void SimulatedCluster::Recreate(std::size_t index) {
  SimulatedTopic& topic = topics[index];
  topic.exists = true;
  topic.id = {7, ++next_topic_id_};
  for (SimulatedPartition& partition : topic.partitions) {
    partition.log = {};
    partition.open_transaction.reset();
  }
  for (SimulatedGroup& group : groups) {
    for (SimulatedPosition& position : group.positions) {
      if (position.topic != index) continue;
      position.read = 0;
      position.committed.reset();
    }
  }
}

void SimulatedCluster::Subscribe(std::size_t topic, SimulatedGroup& group) {
  for (int i = 0; i < std::ssize(topics[topic].partitions); ++i) {
    const auto place = std::ranges::lower_bound(
        group.positions, std::pair(topic, i), {},
        [](const SimulatedPosition& p) { return std::pair(p.topic, p.partition); });
    if (place != group.positions.end() && place->topic == topic && place->partition == i) continue;
    SimulatedPosition position;
    position.topic = topic;
    position.partition = i;
    const kafka::Offset end = LogOf(position).end();
    position.read = static_cast<double>(end);
    if (group.commits) position.committed = end;
    group.positions.insert(place, position);
  }
}

void SimulatedCluster::Rebalance(milliseconds takes, SimulatedGroup& group) {
  group.rebalanced_at = now_ + takes;
  int member = 0;
  for (SimulatedPosition& position : group.positions) {
    position.member =
        group.members.empty() ? -1 : member++ % static_cast<int>(group.members.size());
    if (position.committed) position.read = static_cast<double>(*position.committed);
  }
}

void SimulatedCluster::Reset(kafka::Offset offset, SimulatedPosition& position) {
  position.committed = offset;
  position.read = static_cast<double>(offset);
}

SimulatedCluster::Seen SimulatedCluster::Poll(milliseconds takes, milliseconds clock_ahead) {
  // Nothing is deleted meanwhile, so that the oldest unread record is the one that was seen.
  if (deletes_at_ <= now_ + takes) {
    Delete();
    deletes_at_ = now_ + takes + kDeletionInterval;
  }
  Seen seen;
  snapshot::ClusterSnapshot& to = seen.snapshot;
  to.taken_at = now_ + clock_ahead;
  to.metadata_known = true;
  to.groups_complete = true;
  to.cluster_id = "simulated";
  to.brokers.push_back({1, "localhost", 9092, ""});
  SeeTopics(to);
  const Places places = SeeCommits(to);
  Advance(now_ + takes / 2);
  to.ends_at = now_ + clock_ahead;
  to.ends_steady = snapshot::SteadyTime(now_.time_since_epoch());
  SeeLogEnds(to);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto& [group, position] = places[i];
    seen.truths.push_back(TruthOf(to.committed[i].offset, *group, *position));
  }
  SeeMembers(to);
  Advance(now_ + takes / 2);
  return seen;
}

void SimulatedCluster::SeeTopics(snapshot::ClusterSnapshot& seen) const {
  for (const SimulatedTopic& topic : topics) {
    if (!topic.exists) continue;
    snapshot::Topic to;
    to.name = topic.name;
    to.first_partition = static_cast<std::uint32_t>(seen.partitions.size());
    to.partition_count = static_cast<std::uint32_t>(topic.partitions.size());
    to.id = topic.id;
    to.config = kafka::TopicConfig{true, topic.retention, {}};
    if (topic.retained_records) to.config->retention_bytes = *topic.retained_records * 1000;
    for (int i = 0; i < std::ssize(topic.partitions); ++i) {
      const SimulatedPartition& from = topic.partitions[static_cast<std::size_t>(i)];
      snapshot::PartitionLog log;
      log.topic = static_cast<snapshot::TopicIndex>(seen.topics.size());
      log.partition = i;
      log.leader = from.has_leader ? 1 : kafka::kNoBroker;
      log.replicas = 3;
      log.in_sync_replicas = from.lost_replica ? 2 : 3;
      if (from.has_leader) log.start = from.log.start();
      seen.partitions.push_back(log);
    }
    seen.topics.push_back(std::move(to));
  }
}

SimulatedCluster::Places SimulatedCluster::SeeCommits(snapshot::ClusterSnapshot& seen) const {
  Places places;
  std::vector<snapshot::TopicIndex> indexes;
  snapshot::TopicIndex next = 0;
  for (const SimulatedTopic& topic : topics) indexes.push_back(topic.exists ? next++ : next);
  for (const SimulatedGroup& group : groups) {
    if (!group.exists) continue;
    snapshot::Group to;
    to.name = group.name;
    to.type = group.type;
    to.committed_known = true;
    to.first_committed = static_cast<std::uint32_t>(seen.committed.size());
    for (const SimulatedPosition& position : group.positions) {
      if (!position.committed || !topics[position.topic].exists) continue;
      seen.committed.push_back({indexes[position.topic], position.partition, *position.committed});
      places.emplace_back(&group, &position);
      ++to.committed_count;
    }
    seen.groups.push_back(std::move(to));
  }
  return places;
}

void SimulatedCluster::SeeLogEnds(snapshot::ClusterSnapshot& seen) const {
  auto log = seen.partitions.begin();
  for (const SimulatedTopic& topic : topics) {
    if (!topic.exists) continue;
    for (const SimulatedPartition& from : topic.partitions) SeeLogEnd(from, *log++);
  }
}

// As the collector does: groups that changed at once, the others every third poll.
void SimulatedCluster::SeeMembers(snapshot::ClusterSnapshot& seen) {
  std::size_t next = 0;
  for (SimulatedGroup& group : groups) {
    if (!group.exists) continue;
    snapshot::Group& to = seen.groups[next++];
    const bool rebalances = now_ < group.rebalanced_at && !group.members.empty();
    const bool is_classic = group.type == kafka::GroupType::kClassic;
    to.state = kafka::GroupState::kStable;
    if (group.members.empty()) to.state = kafka::GroupState::kEmpty;
    if (rebalances) {
      to.state = is_classic ? kafka::GroupState::kPreparingRebalance : kafka::GroupState::kUnknown;
    }
    const bool changed = to.state != group.described_state;
    to.described = group.members.empty() || changed || now_ - group.described_at > kDescribed;
    if (!to.described) continue;
    group.described_at = now_;
    group.described_state = to.state;
    to.members = static_cast<std::uint32_t>(group.members.size());
    to.first_assigned = static_cast<std::uint32_t>(seen.assigned.size());
    if (rebalances && is_classic) continue;
    snapshot::TopicIndex topic = 0;
    for (const SimulatedPosition& position : group.positions) {
      if (position.member < 0 || !topics[position.topic].exists) continue;
      const auto& name = topics[position.topic].name;
      while (seen.topics[topic].name != name) ++topic;
      seen.assigned.push_back({topic, position.partition});
      ++to.assigned_count;
    }
  }
}

PairTruth SimulatedCluster::TruthOf(kafka::Offset committed, const SimulatedGroup& group,
                                    const SimulatedPosition& position) const {
  const SimulatedPartition& partition =
      topics[position.topic].partitions[static_cast<std::size_t>(position.partition)];
  const SimulatedLog& log = partition.log;
  const kafka::Offset end = group.reads_committed ? LastStable(partition) : log.end();
  const kafka::Offset unread = std::max(committed, log.start());
  PairTruth truth;
  truth.seen = partition.has_leader;
  truth.lag = std::max<std::int64_t>(0, end - committed);
  if (unread < end) truth.age_ms = (now_ - log.CreateTimeOf(unread)).count();
  return truth;
}

std::vector<kafka::PartitionOffset> SimulatedCluster::LookUp(
    std::span<const kafka::PartitionTime> question) const {
  std::vector<kafka::PartitionOffset> answers;
  for (const kafka::PartitionTime& asked : question) {
    kafka::PartitionOffset& answer = answers.emplace_back();
    const auto topic = std::ranges::find(topics, asked.partition.topic, &SimulatedTopic::name);
    const auto& partition = topic->partitions[static_cast<std::size_t>(asked.partition.partition)];
    if (!partition.has_leader) {
      answer.error = Error{ErrorKind::kNoLeader, "no leader"};
      continue;
    }
    answer.offset = partition.log.FirstFrom(asked.time);
    if (answer.offset) answer.timestamp = partition.log.CreateTimeOf(*answer.offset);
  }
  return answers;
}

}  // namespace backlogd::analysis
