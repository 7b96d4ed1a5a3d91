// How one poll changes what is remembered of topics and their logs.

#include <algorithm>
#include <span>
#include <utility>

#include "analysis/lag_history.h"

namespace backlogd::analysis {
namespace {

void Take(kafka::Offset seen, PollNumber poll, OffsetHistory& history) {
  if (snapshot::Known(seen)) history = {seen, poll};
}

// Adds what was produced since the last log end that was read. An end that went back (an unclean
// election) starts anew from there: what is gone was counted, and what comes is new.
void CountProduced(PartitionHistory& partition, TopicHistory& topic) {
  const kafka::Offset end = partition.end.offset;
  if (partition.produced_until != kUnknown && end > partition.produced_until) {
    topic.records_produced += static_cast<std::uint64_t>(end - partition.produced_until);
  }
  partition.produced_until = end;
}

// A partition that appears while its topic is watched had no records at the poll before.
PartitionHistory NewPartition(kafka::PartitionId id, bool topic_was_watched, WallTime before) {
  PartitionHistory partition;
  partition.partition = id;
  if (!topic_was_watched) return partition;
  partition.produced_until = 0;
  partition.timeline.Observe(before, 0);
  return partition;
}

// What a log was cut down to for its bytes is what it may hold; what it held when it was cut for
// the records' age fits as well. A cut of which that cannot be told says nothing.
void NoteCut(const snapshot::PartitionLog& seen, const TopicHistory& topic, WallTime now,
             PartitionHistory& history) {
  const kafka::Offset start = history.start.offset;
  if (!topic.config || start == kUnknown || seen.start <= start) return;
  if (!snapshot::Known(seen.end) || seen.end <= seen.start) return;
  const auto& limit = topic.config->retention_ms;
  const auto oldest = history.timeline.WrittenAt(seen.start);
  if (limit && !oldest) return;
  const bool was_old = limit && now - oldest->estimate >= *limit - *limit / 10;
  history.records_that_fit = seen.end - (was_old ? start : seen.start);
}

// Rates across an end that went back (an unclean election) would mean nothing.
void ForgetSamples(PartitionHistory& history) {
  history.useless_lookups = 0;
  history.next_lookup = 0;
  history.starts = kNoSamples;
  history.last_stables = kNoSamples;
  history.ends = kNoSamples;
}

void TakeSample(const snapshot::PartitionLog& seen, const SampleClock& clock,
                PartitionHistory& history) {
  if (history.end.offset != kUnknown && snapshot::Known(seen.end) &&
      seen.end < history.end.offset) {
    ForgetSamples(history);
  }
  if (!clock.taken()) return;
  history.starts[clock.newest()] = seen.start;
  history.last_stables[clock.newest()] = seen.last_stable;
  history.ends[clock.newest()] = seen.end;
}

void FoldPartition(const snapshot::PartitionLog& seen, const LagHistory& now,
                   PartitionHistory& history, TopicHistory& topic) {
  history.leader = seen.leader;
  history.preferred_leader = seen.preferred_leader;
  history.replicas = seen.replicas;
  history.in_sync_replicas = seen.in_sync_replicas;
  history.under_replicated = seen.in_sync_replicas < seen.replicas;
  NoteCut(seen, topic, now.clock.now(), history);
  TakeSample(seen, now.clock, history);
  Take(seen.start, now.poll, history.start);
  Take(seen.last_stable, now.poll, history.last_stable);
  Take(seen.end, now.poll, history.end);
  if (snapshot::Known(seen.end)) {
    CountProduced(history, topic);
    history.timeline.Observe(now.clock.now(), seen.end);
  }
  if (snapshot::Known(seen.start)) history.timeline.DropBefore(seen.start);
}

void FoldTopic(std::span<const snapshot::PartitionLog> seen, const LagHistory& history,
               bool topic_was_watched, TopicHistory& topic) {
  if (seen.empty()) {  // not described now: what is known grows old
    for (PartitionHistory& partition : topic.partitions) {
      TakeSample({}, history.clock, partition);
    }
    return;
  }
  std::vector<PartitionHistory> before = std::move(topic.partitions);
  topic.partitions.clear();
  topic.partitions.reserve(seen.size());
  for (const snapshot::PartitionLog& log : seen) {
    const auto known =
        std::ranges::lower_bound(before, log.partition, {}, &PartitionHistory::partition);
    const bool found = known != before.end() && known->partition == log.partition;
    topic.partitions.push_back(
        found ? std::move(*known)
              : NewPartition(log.partition, topic_was_watched, history.data_time));
    FoldPartition(log, history, topic.partitions.back(), topic);
  }
}

// For each topic of the history its index among the topics seen, or -1 if it is gone.
std::vector<std::int64_t> NewIndexes(const snapshot::ClusterSnapshot& seen,
                                     const LagHistory& history) {
  std::vector<std::int64_t> indexes;
  indexes.reserve(history.topics.size());
  auto next = seen.topics.begin();
  for (const TopicHistory& topic : history.topics) {
    while (next != seen.topics.end() && next->name < topic.name) ++next;
    const bool found = next != seen.topics.end() && next->name == topic.name;
    indexes.push_back(found ? next - seen.topics.begin() : -1);
  }
  return indexes;
}

// Names keep their order, so that what was sorted by topic still is.
template <typename T>
void Reindex(const std::vector<std::int64_t>& indexes, std::vector<T>& items) {
  std::erase_if(items, [&](const T& item) { return indexes[item.topic] < 0; });
  for (T& item : items) item.topic = static_cast<TopicIndex>(indexes[item.topic]);
}

void ReindexGroups(const std::vector<std::int64_t>& indexes, LagHistory& history) {
  for (GroupHistory& group : history.groups) {
    Reindex(indexes, group.pairs);
    Reindex(indexes, group.assigned);
    Reindex(indexes, group.counters);
  }
}

// Lags of a topic that was deleted since must not be carried over to its successor.
void MarkPairs(TopicIndex former, LagHistory& history) {
  for (GroupHistory& group : history.groups) {
    auto pair = std::ranges::lower_bound(group.pairs, former, {}, &PairHistory::topic);
    for (; pair != group.pairs.end() && pair->topic == former; ++pair) {
      pair->of_former_topic = true;
      pair->lag_at = 0;
      pair->status_at = 0;
    }
  }
}

}  // namespace

void FoldTopics(const snapshot::ClusterSnapshot& seen, LagHistory& history) {
  const std::vector<std::int64_t> indexes = NewIndexes(seen, history);
  std::vector<TopicHistory> topics(seen.topics.size());
  for (std::size_t old = 0; old < indexes.size(); ++old) {
    if (indexes[old] >= 0) {
      topics[static_cast<std::size_t>(indexes[old])] = std::move(history.topics[old]);
    }
  }
  history.topics = std::move(topics);
  ReindexGroups(indexes, history);
  for (std::size_t i = 0; i < seen.topics.size(); ++i) {
    const snapshot::Topic& from = seen.topics[i];
    TopicHistory& topic = history.topics[i];
    const bool was_watched = !topic.partitions.empty();
    const bool all_were_seen = history.metadata_at != 0 && !history.selection_changed;
    if (topic.name.empty() && all_were_seen) topic.appeared_at = history.poll;
    if (topic.id && from.id && topic.id != from.id) {
      topic.appeared_at = history.poll;
      topic.partitions.clear();
      MarkPairs(static_cast<TopicIndex>(i), history);
    }
    topic.name = from.name;
    topic.id = from.id;
    topic.config = from.config;
    FoldTopic(std::span(seen.partitions).subspan(from.first_partition, from.partition_count),
              history, was_watched, topic);
  }
}

}  // namespace backlogd::analysis
