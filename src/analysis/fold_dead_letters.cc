// How one poll changes what is remembered of dead-letter queues.

#include <algorithm>
#include <functional>
#include <span>
#include <string_view>
#include <utility>

#include "analysis/dead_letters.h"
#include "analysis/lag_history.h"
#include "deadletters/handling.h"

namespace backlogd::analysis {
namespace {

using deadletters::ClusterNames;
using deadletters::DeadLetterQueue;

constexpr std::int32_t kNoQueue = -1;

deadletters::KnownGroup NamesOf(const GroupHistory& group, const LagHistory& history) {
  deadletters::KnownGroup known{group.name, false, {}};
  const PairHistory* last = nullptr;
  for (const PairHistory& pair : group.pairs) {
    if (last == nullptr || last->topic != pair.topic) {
      known.topics.push_back(history.topics[pair.topic].name);
    }
    last = &pair;
  }
  return known;
}

// Groups that nobody listed now are not forgotten: a label would change, and change back.
ClusterNames NamesOf(const snapshot::ClusterSnapshot& seen, LagHistory& history) {
  std::vector<std::string>& unwatched = history.dead_letters.unwatched_groups;
  if (seen.groups_complete || unwatched.empty()) unwatched = seen.unwatched_groups;
  ClusterNames names;
  for (const TopicHistory& topic : history.topics) {
    names.topics.push_back(topic.name);
    if (topic.config && topic.config->takes_dead_letters) names.marked.push_back(topic.name);
  }
  names.topics.insert(names.topics.end(), seen.unwatched_topics.begin(),
                      seen.unwatched_topics.end());
  for (const GroupHistory& group : history.groups) {
    if (!group.is_own) names.groups.push_back(NamesOf(group, history));
  }
  for (const std::string& group : unwatched) {
    if (!deadletters::IsOwnHandlingGroup(group)) names.groups.push_back({group, false, {}});
  }
  return names;
}

std::size_t HashOf(const ClusterNames& names) {
  std::size_t hash = 0;
  const auto add = [&hash](std::string_view name) {
    hash = hash * 1'099'511'628'211 + std::hash<std::string_view>()(name);
  };
  const auto add_all = [&](const std::vector<std::string_view>& list) {
    std::ranges::for_each(list, add);
    hash = hash * 31 + list.size();
  };
  add_all(names.topics);
  add_all(names.marked);
  for (const deadletters::KnownGroup& group : names.groups) {
    add(group.name);
    add_all(group.topics);
  }
  return hash;
}

// Names seldom change: the queues are looked for when they do.
void Discover(const snapshot::ClusterSnapshot& seen, const deadletters::Discovery& discovery,
              LagHistory& history) {
  ClusterNames names = NamesOf(seen, history);
  const std::size_t hash = HashOf(names);
  if (history.dead_letters.names_hash == hash) return;
  history.dead_letters.names_hash = hash;
  history.dead_letters.found = discovery.Discover(std::move(names));
}

// What is remembered of the topic as a queue. One that was deleted and is there again begins anew,
// unless no poll missed it: then its counters go on.
QueueHistory Remember(const TopicHistory& topic, LagHistory& history) {
  const bool appeared = topic.appeared_at == history.poll;
  auto& absent = history.dead_letters.absent;
  const auto known = absent.find(topic.name);
  if (known != absent.end()) {
    QueueHistory queue = std::move(known->second);
    absent.erase(known);
    queue.all_is_new = appeared && (!topic.id || queue.topic_id != topic.id);
    if (!queue.all_is_new || queue.seen_at == history.metadata_at) return queue;
  }
  QueueHistory queue;
  queue.first_seen = history.poll;
  queue.all_is_new = appeared;
  return queue;
}

// All queues that there were at one time may be hidden at once: so many and a few are remembered,
// the last that went.
void ForgetLongestGone(DeadLetterHistory& dead) {
  constexpr std::size_t kFew = 100;
  const std::size_t most = dead.most_queues + kFew;
  if (dead.absent.size() <= most) return;
  std::vector<PollNumber> seen_at;
  for (const auto& [topic, queue] : dead.absent) seen_at.push_back(queue.seen_at);
  const auto first_kept = seen_at.end() - static_cast<std::ptrdiff_t>(most);
  std::nth_element(seen_at.begin(), first_kept, seen_at.end());
  std::erase_if(dead.absent, [&](const auto& one) { return one.second.seen_at < *first_kept; });
}

// The queues found that are watched, each with what was known of it.
void TakeQueues(LagHistory& history) {
  DeadLetterHistory& dead = history.dead_letters;
  ForgetLongestGone(dead);
  for (QueueHistory& queue : dead.queues) {
    std::string topic = std::move(queue.queue.topic);
    queue.queue = {};  // as found now, if it is still there: names are long
    dead.absent.insert_or_assign(std::move(topic), std::move(queue));
  }
  dead.queues.clear();
  for (const DeadLetterQueue& found : dead.found) {
    const auto topic =
        std::ranges::lower_bound(history.topics, found.topic, {}, &TopicHistory::name);
    if (topic == history.topics.end() || topic->name != found.topic) continue;
    QueueHistory& queue = dead.queues.emplace_back(Remember(*topic, history));
    queue.seen_at = history.poll;
    queue.topic_id = topic->id;
    queue.queue = found;
    queue.topic = static_cast<snapshot::TopicIndex>(topic - history.topics.begin());
    queue.handlers.clear();
  }
  dead.most_queues = std::max(dead.most_queues, dead.queues.size());
}

void FindHandlers(LagHistory& history) {
  std::vector<std::int32_t> queue_of(history.topics.size(), kNoQueue);
  std::vector<QueueHistory>& queues = history.dead_letters.queues;
  for (std::size_t i = 0; i < queues.size(); ++i) {
    queue_of[queues[i].topic] = static_cast<std::int32_t>(i);
  }
  for (std::size_t i = 0; i < history.groups.size(); ++i) {
    const GroupHistory& group = history.groups[i];
    const PairHistory* last = nullptr;
    for (const PairHistory& pair : group.pairs) {
      if (last != nullptr && last->topic == pair.topic) continue;
      last = &pair;
      if (queue_of[pair.topic] == kNoQueue) continue;
      QueueHistory& queue = queues[static_cast<std::size_t>(queue_of[pair.topic])];
      if (deadletters::Handles(group.name, queue.queue)) queue.handlers.push_back(i);
    }
  }
}

std::optional<std::size_t> FindOwn(const QueueHistory& queue, const LagHistory& history) {
  const std::string name = deadletters::OwnHandlingGroup(queue.queue.topic);
  const auto own = std::ranges::lower_bound(history.groups, name, {}, &GroupHistory::name);
  if (own == history.groups.end() || own->name != name) return std::nullopt;
  return static_cast<std::size_t>(own - history.groups.begin());
}

bool MissHandlers(const LagHistory& history) {
  if (!history.groups_complete) return true;
  return std::ranges::any_of(history.groups, [](const GroupHistory& group) {
    return group.committed_at == 0 && (!group.committed_refused || group.is_own);
  });
}

// One for each partition of the topic. In a topic or a partition that appeared while others were
// watched, all records are new; of others, those that are there count nothing. A log that was cut
// before it was first seen is not new: it was not visible.
void TakePartitions(const TopicHistory& topic, QueueHistory& queue) {
  if (queue.all_is_new) queue.partitions.clear();
  const bool all_are_new = queue.all_is_new || !queue.partitions.empty();
  std::vector<QueuePartition> before = std::exchange(queue.partitions, {});
  for (const PartitionHistory& log : topic.partitions) {
    const auto known =
        std::ranges::lower_bound(before, log.partition, {}, &QueuePartition::partition);
    const bool is_known = known != before.end() && known->partition == log.partition;
    QueuePartition& partition =
        queue.partitions.emplace_back(is_known ? std::move(*known) : QueuePartition{});
    partition.partition = log.partition;
    partition.handled_until = 0;
    const bool was_cut = log.start.seen_at != 0 && log.start.offset > 0;
    if (is_known || !all_are_new || was_cut) continue;
    partition.counted_until = 0;
    partition.expired_until = 0;
    partition.read_until = 0;
  }
}

const snapshot::Group* FindGroup(const snapshot::ClusterSnapshot& seen, std::string_view name) {
  const auto found = std::ranges::lower_bound(seen.groups, name, {}, &snapshot::Group::name);
  return found != seen.groups.end() && found->name == name ? &*found : nullptr;
}

std::string_view TextOf(const snapshot::Group& group, const PairHistory& pair) {
  const auto place = std::pair(pair.topic, pair.partition);
  const auto text = std::ranges::lower_bound(group.commit_texts, place, {}, [](const auto& one) {
    return std::pair(one.topic, one.partition);
  });
  const bool found = text != group.commit_texts.end() && text->topic == pair.topic &&
                     text->partition == pair.partition;
  return found ? std::string_view(text->text) : std::string_view();
}

std::span<const PairHistory> PairsOn(snapshot::TopicIndex topic, const GroupHistory& group) {
  const auto begin = std::ranges::lower_bound(group.pairs, topic, {}, &PairHistory::topic);
  const auto end = std::ranges::upper_bound(group.pairs, topic, {}, &PairHistory::topic);
  return {begin, end};
}

// What backlogd-dlq has written down. A group that is gone takes it along; one that was not read
// keeps it.
void TakeProgress(const snapshot::ClusterSnapshot& seen, const GroupHistory* own,
                  QueueHistory& queue) {
  const snapshot::Group* read = own == nullptr ? nullptr : FindGroup(seen, own->name);
  if (own != nullptr && (read == nullptr || !read->committed_known)) return;
  for (QueuePartition& partition : queue.partitions) partition.own.reset();
  if (own == nullptr) return;
  for (const PairHistory& pair : PairsOn(queue.topic, *own)) {
    const auto partition =
        std::ranges::lower_bound(queue.partitions, pair.partition, {}, &QueuePartition::partition);
    if (partition == queue.partitions.end() || partition->partition != pair.partition) continue;
    partition->own = deadletters::DecodeProgress(pair.committed, TextOf(*read, pair));
  }
}

// True if it is known of every group that handles the queue what it has handled, as of this poll.
bool TakeHandlers(const snapshot::ClusterSnapshot& seen, const LagHistory& history,
                  QueueHistory& queue) {
  bool known = !history.dead_letters.handlers_missing;
  for (const std::size_t index : queue.handlers) {
    const GroupHistory& group = history.groups[index];
    known = known && group.committed_at == history.poll;
    for (const PairHistory& pair : PairsOn(queue.topic, group)) {
      const auto partition = std::ranges::lower_bound(queue.partitions, pair.partition, {},
                                                      &QueuePartition::partition);
      if (partition == queue.partitions.end() || partition->partition != pair.partition) continue;
      partition->handled_until = std::max(partition->handled_until, pair.committed);
      partition->handled_ever = std::max(partition->handled_ever, pair.committed);
    }
  }
  queue.own = FindOwn(queue, history);
  TakeProgress(seen, queue.own ? &history.groups[*queue.own] : nullptr, queue);
  return known;
}

void CountWritten(const PartitionHistory& log, PollNumber poll, QueuePartition& partition,
                  QueueHistory& queue) {
  if (log.end.seen_at != poll) return;
  if (log.end.offset < partition.counted_until) partition.handled_ever = partition.handled_until;
  if (partition.counted_until != kUnknown && log.end.offset > partition.counted_until) {
    queue.records += static_cast<std::uint64_t>(log.end.offset - partition.counted_until);
  }
  partition.counted_until = log.end.offset;
}

// Log starts are read before the commits: a commit below one really lost records. What was handled
// stays handled when its group is gone.
void CountExpired(const PartitionHistory& log, PollNumber poll, QueuePartition& partition,
                  QueueHistory& queue) {
  if (log.start.seen_at != poll) return;
  const kafka::Offset start = log.start.offset;
  const kafka::Offset until = partition.expired_until == kUnknown ? start : partition.expired_until;
  partition.expired_until = std::max(until, start);
  const kafka::Offset from = std::max(until, partition.handled_ever);
  if (start <= from) return;
  std::int64_t expired = start - from;
  if (partition.own) expired -= deadletters::CountHandled(*partition.own, from, start);
  queue.expired += static_cast<std::uint64_t>(expired);
}

// Where the scan begins, or begins anew because the log was cut (an unclean election).
void PlaceScan(const PartitionHistory& log, PollNumber poll, QueuePartition& partition) {
  if (log.last_stable.seen_at != poll) return;
  const kafka::Offset end = log.last_stable.offset;
  if (partition.read_until == kUnknown || partition.read_until > end) partition.read_until = end;
}

using LogOffset = OffsetHistory PartitionHistory::*;

// A counter begins as 0 on the page: its first poll is the first in which all of it is known.
void NoteKnown(const TopicHistory& topic, PollNumber poll, bool handlers_known,
               QueueHistory& queue) {
  const auto all_read = [&](LogOffset offset) {
    return !topic.partitions.empty() &&
           std::ranges::all_of(topic.partitions, [&](const PartitionHistory& log) {
             return (log.*offset).seen_at == poll;
           });
  };
  if (queue.records_known_at == 0 && all_read(&PartitionHistory::end)) {
    queue.records_known_at = poll;
  }
  if (queue.expired_known_at == 0 && handlers_known && all_read(&PartitionHistory::start)) {
    queue.expired_known_at = poll;
  }
}

void FoldQueue(const snapshot::ClusterSnapshot& seen, const LagHistory& history,
               QueueHistory& queue) {
  const TopicHistory& topic = history.topics[queue.topic];
  TakePartitions(topic, queue);
  queue.classified.try_emplace(queue.queue.source_topic, ClassifiedRecords{history.poll, {}});
  const bool handlers_known = TakeHandlers(seen, history, queue);
  for (std::size_t i = 0; i < queue.partitions.size(); ++i) {
    const PartitionHistory& log = topic.partitions[i];
    CountWritten(log, history.poll, queue.partitions[i], queue);
    if (handlers_known) CountExpired(log, history.poll, queue.partitions[i], queue);
    PlaceScan(log, history.poll, queue.partitions[i]);
  }
  NoteKnown(topic, history.poll, handlers_known, queue);
}

}  // namespace

void ForgetDiscovery(bool scan_begins, DeadLetterHistory& history) {
  history.names_hash.reset();
  if (!scan_begins) return;
  const auto forget = [](QueueHistory& queue) {
    for (QueuePartition& partition : queue.partitions) partition.read_until = kUnknown;
  };
  std::ranges::for_each(history.queues, forget);
  for (auto& [topic, queue] : history.absent) forget(queue);
}

void FoldDeadLetters(const snapshot::ClusterSnapshot& seen, const DeadLetterSettings& settings,
                     LagHistory& history) {
  Discover(seen, settings.discovery, history);
  TakeQueues(history);
  FindHandlers(history);
  history.dead_letters.handlers_missing = MissHandlers(history);
  history.dead_letters.ranges.clear();
  for (QueueHistory& queue : history.dead_letters.queues) FoldQueue(seen, history, queue);
}

}  // namespace backlogd::analysis
