// What the history says now of groups and of what they read.

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "analysis/reporting.h"
#include "analysis/unread_record.h"

namespace backlogd::analysis {
namespace {

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

// How many members have partitions among these.
std::int64_t Members(Assigned assigned) {
  std::vector<std::uint32_t> members;
  for (const snapshot::AssignedPartition& one : assigned) members.push_back(one.member);
  std::ranges::sort(members);
  return std::unique(members.begin(), members.end()) - members.begin();
}

void AddCounters(const GroupHistory& group, GroupTopicReport& entry) {
  const auto counters =
      std::ranges::lower_bound(group.counters, entry.topic, {}, &GroupTopicCounters::topic);
  const bool any = counters != group.counters.end() && counters->topic == entry.topic;
  entry.records_consumed = any ? static_cast<std::int64_t>(counters->records_consumed) : 0;
  entry.lost_records = any ? static_cast<std::int64_t>(counters->lost_records) : 0;
}

class GroupReporter {
 public:
  GroupReporter(const GroupHistory& group, Reporting& reporting)
      : group_(group),
        r_(reporting),
        assigned_known_(IsDescribed(group, reporting.history.poll)),
        committed_known_(IsFresh(group.committed_at, reporting.history.poll)) {}

  void Run() {
    AddGroup();
    AddTopics();
    AddSums();
    AddVerdict();
    r_.report.groups.push_back(std::move(out_));
  }

 private:
  void AddGroup();
  void AddTopics();
  GroupTopicReport AddPairs(Pairs pairs);
  PairReport ReportPair(const PairHistory& pair);
  void AddSums();
  void AddVerdict();

  const GroupHistory& group_;
  Reporting& r_;
  const bool assigned_known_;
  const bool committed_known_;
  GroupReport out_;
  Headroom headroom_;
};

void GroupReporter::AddGroup() {
  out_.name = group_.name;
  if (IsFresh(group_.listed_at, r_.history.poll)) {
    out_.state = {group_.type, group_.state, group_.coordinator};
    if (group_.listed_at != r_.history.poll) ++r_.report.carried_values;
  }
  out_.first_topic = static_cast<std::uint32_t>(r_.report.group_topics.size());
  if (group_.committed_at != 0) out_.unknown_partitions = 0;
  if (!assigned_known_) return;
  out_.members = group_.members;
  out_.empty_members = group_.empty_members;
  out_.assignor = group_.assignor;
  out_.assigned_partitions = std::ssize(group_.assigned);
}

PairReport GroupReporter::ReportPair(const PairHistory& pair) {
  PairReport to;
  to.partition = pair.partition;
  to.committed = committed_known_ ? pair.committed : kUnknown;
  to.lag = r_.Serve(pair.lag, pair.lag_at);
  if (to.lag == kUnknown) return to;
  to.effective_lag = pair.effective_lag;
  const TopicHistory& topic = r_.history.topics[pair.topic];
  if (const PartitionHistory* partition = FindPartition(topic, pair.partition)) {
    // Without the log start it is not known which record is the oldest one left.
    if (to.lag == 0 || IsFresh(partition->start.seen_at, r_.history.poll)) {
      to.lag_ms = UnreadAge(pair, *partition, r_.history.clock);
    }
    headroom_.Add(pair, to.lag_ms, topic, *partition, r_.history.clock);
  }
  if (IsFresh(pair.status_at, r_.history.poll)) to.status = pair.status;
  return to;
}

// `pairs` are the group's on one topic.
GroupTopicReport GroupReporter::AddPairs(Pairs pairs) {
  GroupTopicReport topic;
  topic.first_pair = static_cast<std::uint32_t>(r_.report.pairs.size());
  topic.pair_count = static_cast<std::uint32_t>(pairs.size());
  StrictSum lag;
  StrictMax lag_ms;
  for (const PairHistory& pair : pairs) {
    const PairReport& to = r_.report.pairs.emplace_back(ReportPair(pair));
    if (to.lag == kUnknown) ++out_.unknown_partitions;
    out_.max_lag = std::max(out_.max_lag, to.lag);
    lag.Add(to.lag);
    lag_ms.Add(to.lag_ms);
  }
  topic.lag = pairs.empty() ? kUnknown : lag.value();
  topic.lag_ms = lag_ms.value();
  return topic;
}

// The topics that the group has commits on, or that its members are assigned.
void GroupReporter::AddTopics() {
  Pairs pairs(group_.pairs);
  Assigned assigned;
  if (assigned_known_) assigned = group_.assigned;
  while (!pairs.empty() || !assigned.empty()) {
    const TopicIndex topic = FirstTopic(pairs, assigned);
    const Pairs of_topic = TakeTopic(topic, pairs);
    const Assigned assigned_of_topic = TakeTopic(topic, assigned);
    GroupTopicReport entry = AddPairs(of_topic);
    entry.topic = topic;
    if (committed_known_) AddCounters(group_, entry);
    if (assigned_known_) {
      entry.assigned_partitions = std::ssize(assigned_of_topic);
      entry.assigned_members = Members(assigned_of_topic);
    }
    if (committed_known_ && assigned_known_) {
      entry.uncommitted_partitions = Uncommitted(of_topic, assigned_of_topic);
    }
    r_.report.group_topics.push_back(entry);
  }
  out_.topic_count = static_cast<std::uint32_t>(r_.report.group_topics.size()) - out_.first_topic;
}

void GroupReporter::AddSums() {
  if (group_.committed_at == 0 || group_.pairs.empty() || out_.unknown_partitions > 0) {
    out_.max_lag = kUnknown;
    return;
  }
  StrictSum lag;
  StrictMax lag_ms;
  for (const GroupTopicReport& topic :
       std::span(r_.report.group_topics).subspan(out_.first_topic)) {
    if (topic.pair_count == 0) continue;
    lag.Add(topic.lag);
    lag_ms.Add(topic.lag_ms);
  }
  out_.lag = lag.value();
  out_.lag_ms = lag_ms.value();
  out_.headroom_ms = headroom_.value();
}

void GroupReporter::AddVerdict() {
  out_.member_capacity = CapacityOf(group_);
  out_.last_commit = group_.last_commit;
  if (const auto usual = group_.baseline.Median()) {
    out_.inflow_baseline = usual->inflow;
    out_.consumption_baseline = usual->consumption;
  }
  const GroupVerdict& verdict = group_.verdict;
  if (!IsFresh(verdict.at, r_.history.poll) || out_.unknown_partitions > 0) {
    // What has no leader cannot be read: that much is known.
    if (committed_known_ && group_.partitions_without_leader > 0) out_.cause = Cause::kBroker;
    return;
  }
  out_.status = verdict.status;
  out_.cause = verdict.cause;
  out_.drain_ms = verdict.drain_ms;
  out_.members_needed = verdict.members_needed;
  if (!verdict.rates) return;
  out_.inflow = verdict.rates->inflow;
  out_.consumption = verdict.rates->consumption;
}

}  // namespace

void ReportGroups(Reporting& r) {
  r.report.groups.reserve(r.history.groups.size());
  for (const GroupHistory& group : r.history.groups) {
    if (!group.is_own) GroupReporter(group, r).Run();
  }
}

}  // namespace backlogd::analysis
