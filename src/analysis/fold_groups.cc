// How one poll changes what is remembered of consumer groups.

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

#include "analysis/lag_history.h"

namespace backlogd::analysis {
namespace {

// The logs of one partition, as far as this poll read them.
struct LogNow {
  kafka::Offset start = kUnknown;
  kafka::Offset end = kUnknown;
};

LogNow FindLog(const LagHistory& history, TopicIndex topic, kafka::PartitionId partition) {
  LogNow log;
  const auto& partitions = history.topics[topic].partitions;
  // Partition ids are almost always 0..n-1.
  auto found = partitions.begin() + std::min<std::ptrdiff_t>(partition, std::ssize(partitions));
  if (found == partitions.end() || found->partition != partition) {
    found = std::ranges::lower_bound(partitions, partition, {}, &PartitionHistory::partition);
    if (found == partitions.end() || found->partition != partition) return log;
  }
  if (found->start.seen_at == history.poll) log.start = found->start.offset;
  if (found->end.seen_at == history.poll) log.end = found->end.offset;
  return log;
}

GroupTopicCounters& CountersOf(GroupHistory& group, TopicIndex topic) {
  auto found = std::ranges::lower_bound(group.counters, topic, {}, &GroupTopicCounters::topic);
  if (found == group.counters.end() || found->topic != topic) {
    found = group.counters.insert(found, {topic, 0, 0});
  }
  return *found;
}

// Records between the last commit and this one. A commit that went back (an operator's reset)
// starts anew from there: what is read again is consumed again. The first commit counts nothing:
// nobody knows where the group began to read.
std::uint64_t Consumed(const PairHistory* before, kafka::Offset committed) {
  if (before == nullptr || committed <= before->committed) return 0;
  return static_cast<std::uint64_t>(committed - before->committed);
}

// Records below the log start that the group had not read, as far as not counted yet. What was lost
// before it was first looked at counts nothing: it would be lost anew at every start of ours.
std::uint64_t CountLost(const LogNow& log, PairHistory& pair) {
  if (log.start == kUnknown) return 0;
  const kafka::Offset until = pair.lost_until == kUnknown ? log.start : pair.lost_until;
  pair.lost_until = std::max(until, log.start);
  const kafka::Offset from = std::max(pair.committed, until);
  return log.start > from ? static_cast<std::uint64_t>(log.start - from) : 0;
}

// A commit beyond the log end (the log was cut, or is a new topic's) leaves nothing to read: 0.
void MeasureLag(const LogNow& log, PollNumber poll, PairHistory& pair) {
  if (log.end == kUnknown) return;
  pair.lag = std::max<std::int64_t>(0, log.end - pair.committed);
  pair.effective_lag =
      log.start == kUnknown
          ? kUnknown
          : std::max<std::int64_t>(0, log.end - std::max(pair.committed, log.start));
  pair.lag_at = poll;
}

PairHistory FoldPair(const snapshot::Committed& seen, const PairHistory* before,
                     const LagHistory& history, GroupTopicCounters& counters) {
  const LogNow log = FindLog(history, seen.topic, seen.partition);
  if (before != nullptr && before->of_former_topic) before = nullptr;
  PairHistory pair;
  if (before != nullptr) pair = *before;
  pair.topic = seen.topic;
  pair.partition = seen.partition;
  pair.committed = seen.offset;
  counters.records_consumed += Consumed(before, seen.offset);
  counters.lost_records += CountLost(log, pair);
  MeasureLag(log, history.poll, pair);
  return pair;
}

// Both lists are ascending: one walk over both.
void FoldCommitted(std::span<const snapshot::Committed> seen, const LagHistory& history,
                   GroupHistory& group) {
  const std::vector<PairHistory> before = std::move(group.pairs);
  group.pairs.clear();
  group.pairs.reserve(seen.size());
  GroupTopicCounters* counters = nullptr;
  auto known = before.begin();
  for (const snapshot::Committed& committed : seen) {
    if (counters == nullptr || counters->topic != committed.topic) {
      counters = &CountersOf(group, committed.topic);
    }
    const auto place = std::tie(committed.topic, committed.partition);
    while (known != before.end() && std::tie(known->topic, known->partition) < place) ++known;
    const bool found = known != before.end() && std::tie(known->topic, known->partition) == place;
    group.pairs.push_back(FoldPair(committed, found ? &*known : nullptr, history, *counters));
  }
  group.committed_at = history.poll;
}

void FoldGroup(const snapshot::ClusterSnapshot& seen, const snapshot::Group& from,
               const LagHistory& history, GroupHistory& group) {
  group.name = from.name;
  group.type = from.type;
  group.state = from.state;
  group.listed_at = history.poll;
  if (from.committed_known) {
    FoldCommitted(std::span(seen.committed).subspan(from.first_committed, from.committed_count),
                  history, group);
  }
  if (from.described) {
    const auto assigned =
        std::span(seen.assigned).subspan(from.first_assigned, from.assigned_count);
    group.members = from.members;
    group.assigned.assign(assigned.begin(), assigned.end());
    group.described_at = history.poll;
  }
}

}  // namespace

void FoldGroups(const snapshot::ClusterSnapshot& seen, LagHistory& history) {
  std::vector<GroupHistory> groups;
  groups.reserve(std::max(seen.groups.size(), history.groups.size()));
  auto known = history.groups.begin();
  // A group that is not listed is gone, unless its coordinator could not tell.
  const auto keep_before = [&](const std::string* name) {
    while (known != history.groups.end() && (name == nullptr || known->name < *name)) {
      const bool exists = std::ranges::binary_search(seen.unlisted_groups, known->name);
      if (exists) groups.push_back(std::move(*known));
      ++known;
    }
  };
  for (const snapshot::Group& from : seen.groups) {
    keep_before(&from.name);
    GroupHistory group;
    if (known != history.groups.end() && known->name == from.name) group = std::move(*known++);
    FoldGroup(seen, from, history, group);
    groups.push_back(std::move(group));
  }
  keep_before(nullptr);
  history.groups_complete = seen.groups_complete;
  history.groups = std::move(groups);
}

}  // namespace backlogd::analysis
