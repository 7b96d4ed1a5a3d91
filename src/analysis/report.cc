// What the history says now.

#include <algorithm>
#include <span>
#include <utility>

#include "analysis/lag_history.h"

namespace backlogd::analysis {
namespace {

// A sum that is known only if all its parts are.
class StrictSum {
 public:
  void Add(std::int64_t part) {
    if (part == kUnknown) complete_ = false;
    sum_ += part;
  }
  std::int64_t value() const { return complete_ ? sum_ : kUnknown; }

 private:
  std::int64_t sum_ = 0;
  bool complete_ = true;
};

using Pairs = std::span<const PairHistory>;
using Assigned = std::span<const snapshot::AssignedPartition>;

// REQUIRES: one of them is not empty
TopicIndex FirstTopic(Pairs pairs, Assigned assigned) {
  if (pairs.empty()) return assigned.front().topic;
  if (assigned.empty()) return pairs.front().topic;
  return std::min(pairs.front().topic, assigned.front().topic);
}

// Takes the items of `topic`, the smallest there is, from the front of `items`.
template <typename T>
std::span<const T> TakeTopic(TopicIndex topic, std::span<const T>& items) {
  const auto end = std::ranges::upper_bound(items, topic, {}, &T::topic);
  const auto taken = items.first(static_cast<std::size_t>(end - items.begin()));
  items = items.subspan(taken.size());
  return taken;
}

// How many of a topic's assigned partitions have no commit.
std::int64_t Uncommitted(Pairs pairs, Assigned assigned) {
  return std::ranges::count_if(assigned, [&](const snapshot::AssignedPartition& one) {
    return !std::ranges::binary_search(pairs, one.partition, {}, &PairHistory::partition);
  });
}

void AddCounters(const GroupHistory& group, GroupTopicReport& entry) {
  const auto counters =
      std::ranges::lower_bound(group.counters, entry.topic, {}, &GroupTopicCounters::topic);
  const bool any = counters != group.counters.end() && counters->topic == entry.topic;
  entry.records_consumed = any ? static_cast<std::int64_t>(counters->records_consumed) : 0;
  entry.lost_records = any ? static_cast<std::int64_t>(counters->lost_records) : 0;
}

class Reporter {
 public:
  Reporter(const LagHistory& history, LagReport& report) : history_(history), report_(report) {}

  void Run() {
    report_.cluster_id = history_.cluster_id;
    report_.brokers = history_.brokers;
    for (const TopicHistory& topic : history_.topics) AddTopic(topic);
    CountTopicGroups();
    report_.groups.reserve(history_.groups.size());
    for (const GroupHistory& group : history_.groups) AddGroup(group);
  }

 private:
  // The value if it may still be served; counts it if an earlier poll read it.
  std::int64_t Serve(std::int64_t value, PollNumber seen_at) {
    if (!IsFresh(seen_at, history_.poll)) return kUnknown;
    if (seen_at != history_.poll) ++report_.carried_values;
    return value;
  }

  void AddTopic(const TopicHistory& topic);
  void CountTopicGroups();
  void AddGroup(const GroupHistory& group);
  void AddMembers(const GroupHistory& group, GroupReport& out) const;
  void AddGroupTopics(const GroupHistory& group, GroupReport& out);
  GroupTopicReport AddPairs(Pairs pairs, bool committed_known, GroupReport& out);

  // Descriptions are read in every third poll, so that two polls more are not a failure yet.
  bool IsDescribed(const GroupHistory& group) const {
    return group.described_at != 0 && history_.poll - group.described_at <= kCarriedPolls + 1;
  }

  const LagHistory& history_;
  LagReport& report_;
};

void Reporter::AddTopic(const TopicHistory& topic) {
  TopicReport out;
  out.name = topic.name;
  out.first_partition = static_cast<std::uint32_t>(report_.partitions.size());
  out.partition_count = static_cast<std::uint32_t>(topic.partitions.size());
  if (topic.config && topic.config->deletes) out.retention = topic.config->retention_ms;
  StrictSum retained;
  bool produced_known = true;
  for (const PartitionHistory& partition : topic.partitions) {
    if (!partition.has_leader) ++out.partitions_without_leader;
    if (partition.under_replicated) ++out.partitions_under_replicated;
    PartitionReport log;
    log.topic = static_cast<TopicIndex>(report_.topics.size());
    log.partition = partition.partition;
    log.start = Serve(partition.start.offset, partition.start.seen_at);
    log.last_stable = Serve(partition.last_stable.offset, partition.last_stable.seen_at);
    log.end = Serve(partition.end.offset, partition.end.seen_at);
    const bool known = log.start != kUnknown && log.end != kUnknown;
    produced_known = produced_known && log.end != kUnknown;
    // A carried end may be older than the start.
    retained.Add(known ? std::max<std::int64_t>(0, log.end - log.start) : kUnknown);
    report_.partitions.push_back(log);
  }
  out.retained_records = retained.value();
  if (produced_known) out.records_produced = static_cast<std::int64_t>(topic.records_produced);
  report_.topics.push_back(std::move(out));
}

void Reporter::CountTopicGroups() {
  if (!history_.groups_complete) return;  // one that nobody listed might read any topic
  for (const GroupHistory& group : history_.groups) {
    // So might one whose commits are not known.
    if (!IsFresh(group.committed_at, history_.poll)) return;
  }
  for (TopicReport& topic : report_.topics) topic.groups = 0;
  for (const GroupHistory& group : history_.groups) {
    const PairHistory* last = nullptr;
    for (const PairHistory& pair : group.pairs) {
      if (last == nullptr || last->topic != pair.topic) ++report_.topics[pair.topic].groups;
      last = &pair;
    }
  }
}

void Reporter::AddMembers(const GroupHistory& group, GroupReport& out) const {
  if (!IsDescribed(group)) return;
  out.members = group.members;
  out.assigned_partitions = std::ssize(group.assigned);
}

// `pairs` are the group's on one topic.
GroupTopicReport Reporter::AddPairs(Pairs pairs, bool committed_known, GroupReport& out) {
  GroupTopicReport topic;
  topic.first_pair = static_cast<std::uint32_t>(report_.pairs.size());
  topic.pair_count = static_cast<std::uint32_t>(pairs.size());
  StrictSum lag;
  for (const PairHistory& pair : pairs) {
    PairReport& to = report_.pairs.emplace_back();
    to.partition = pair.partition;
    to.committed = committed_known ? pair.committed : kUnknown;
    to.lag = Serve(pair.lag, pair.lag_at);
    to.effective_lag = to.lag == kUnknown ? kUnknown : pair.effective_lag;
    if (to.lag == kUnknown) ++out.unknown_partitions;
    out.max_lag = std::max(out.max_lag, to.lag);
    lag.Add(to.lag);
  }
  topic.lag = pairs.empty() ? kUnknown : lag.value();
  return topic;
}

// The topics that the group has commits on, or that its members are assigned.
void Reporter::AddGroupTopics(const GroupHistory& group, GroupReport& out) {
  const bool assigned_known = IsDescribed(group);
  const bool committed_known = IsFresh(group.committed_at, history_.poll);
  Pairs pairs(group.pairs);
  Assigned assigned;
  if (assigned_known) assigned = group.assigned;
  while (!pairs.empty() || !assigned.empty()) {
    const TopicIndex topic = FirstTopic(pairs, assigned);
    const Pairs of_topic = TakeTopic(topic, pairs);
    const Assigned assigned_of_topic = TakeTopic(topic, assigned);
    GroupTopicReport entry = AddPairs(of_topic, committed_known, out);
    entry.topic = topic;
    if (committed_known) AddCounters(group, entry);
    if (committed_known && assigned_known) {
      entry.uncommitted_partitions = Uncommitted(of_topic, assigned_of_topic);
    }
    report_.group_topics.push_back(entry);
  }
}

void Reporter::AddGroup(const GroupHistory& group) {
  GroupReport out;
  out.name = group.name;
  if (IsFresh(group.listed_at, history_.poll)) {
    out.state = {group.type, group.state};
    if (group.listed_at != history_.poll) ++report_.carried_values;
  }
  AddMembers(group, out);
  out.first_topic = static_cast<std::uint32_t>(report_.group_topics.size());
  const bool was_read = group.committed_at != 0;
  if (was_read) out.unknown_partitions = 0;
  AddGroupTopics(group, out);
  out.topic_count = static_cast<std::uint32_t>(report_.group_topics.size()) - out.first_topic;
  if (!was_read || group.pairs.empty() || out.unknown_partitions > 0) {
    out.max_lag = kUnknown;
  } else {
    StrictSum lag;
    const auto topics = std::span(report_.group_topics).subspan(out.first_topic);
    for (const GroupTopicReport& topic : topics) {
      if (topic.pair_count > 0) lag.Add(topic.lag);
    }
    out.lag = lag.value();
  }
  report_.groups.push_back(std::move(out));
}

}  // namespace

void Report(const LagHistory& history, LagReport& report) { Reporter(history, report).Run(); }

}  // namespace backlogd::analysis
