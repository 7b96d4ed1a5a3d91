// What the history says now of dead-letter queues.

#include <algorithm>

#include "analysis/dead_letters.h"
#include "analysis/lag_history.h"
#include "analysis/reporting.h"
#include "deadletters/conventions.h"

namespace backlogd::analysis {
namespace {

bool IsKnown(const OffsetHistory& offset, const LagHistory& history) {
  return IsFresh(offset.seen_at, history.poll);
}

// How many of the partition's records a group that has committed `committed` has before it.
std::int64_t PendingIn(const PartitionHistory& log, kafka::Offset committed,
                       const deadletters::Progress* own) {
  const kafka::Offset from = std::max(committed, log.start.offset);
  if (log.end.offset <= from) return 0;
  const std::int64_t ahead =
      own == nullptr ? 0 : deadletters::CountHandled(*own, from, log.end.offset);
  return log.end.offset - from - ahead;
}

kafka::Offset CommittedBy(const GroupHistory& group, snapshot::TopicIndex topic,
                          kafka::PartitionId partition) {
  const auto place = std::pair(topic, partition);
  const auto pair = std::ranges::lower_bound(group.pairs, place, {}, [](const PairHistory& one) {
    return std::pair(one.topic, one.partition);
  });
  const bool found =
      pair != group.pairs.end() && pair->topic == topic && pair->partition == partition;
  return found ? pair->committed : 0;
}

class QueueReporter {
 public:
  QueueReporter(const QueueHistory& queue, const LagHistory& history)
      : queue_(queue), history_(history), logs_(history.topics[queue.topic].partitions) {}

  DeadLetterReport Run(bool scan, std::int64_t retained) {
    out_.topic = queue_.topic;
    out_.source_topic = queue_.queue.source_topic;
    out_.group = queue_.queue.group;
    out_.convention = ToText(queue_.queue.convention);
    out_.retained = retained;
    AddCounters();
    AddPending();
    AddOldest();
    AddHandled();
    if (scan) AddClassified();
    return std::move(out_);
  }

 private:
  // What is known for the first time is shown as 0, so that what comes then is seen as a rise.
  std::int64_t Shown(std::uint64_t count, PollNumber known_at) const {
    if (known_at == 0) return kUnknown;
    return known_at == history_.poll ? 0 : static_cast<std::int64_t>(count);
  }

  void AddCounters() {
    bool starts_known = true;
    bool ends_known = true;
    for (const PartitionHistory& log : logs_) {
      starts_known = starts_known && IsKnown(log.start, history_);
      ends_known = ends_known && IsKnown(log.end, history_);
    }
    if (ends_known) out_.records = Shown(queue_.records, queue_.records_known_at);
    if (starts_known) out_.expired = Shown(queue_.expired, queue_.expired_known_at);
  }

  std::int64_t PendingOf(const GroupHistory* group) const {
    StrictSum sum;
    for (std::size_t i = 0; i < logs_.size(); ++i) {
      const bool known = IsKnown(logs_[i].start, history_) && IsKnown(logs_[i].end, history_);
      if (!known) return kUnknown;
      const bool own = group != nullptr && group->is_own && queue_.partitions[i].own;
      sum.Add(PendingIn(
          logs_[i], group == nullptr ? 0 : CommittedBy(*group, queue_.topic, logs_[i].partition),
          own ? &*queue_.partitions[i].own : nullptr));
    }
    return sum.value();
  }

  void AddPending() {
    for (const std::size_t index : queue_.handlers) {
      const GroupHistory& group = history_.groups[index];
      const bool known = IsFresh(group.committed_at, history_.poll);
      out_.pending.push_back({group.name, known ? PendingOf(&group) : kUnknown});
    }
    if (out_.pending.empty() && !history_.dead_letters.handlers_missing) {
      out_.pending.push_back({"", PendingOf(nullptr)});
    }
  }

  void AddOldest() {
    std::optional<WallTime> oldest;
    if (out_.pending.empty()) return;
    for (std::size_t i = 0; i < logs_.size(); ++i) {
      const PartitionHistory& log = logs_[i];
      if (!IsKnown(log.start, history_) || !IsKnown(log.end, history_)) return;
      const QueuePartition& partition = queue_.partitions[i];
      if (std::max(partition.handled_until, log.start.offset) >= log.end.offset) continue;
      const auto found = partition.oldest.found();
      if (!found) return;
      oldest = oldest ? std::min(*oldest, *found) : *found;
    }
    out_.oldest = oldest;
  }

  void AddHandled() {
    out_.handled_known = queue_.own
                             ? IsFresh(history_.groups[*queue_.own].committed_at, history_.poll)
                             : history_.groups_complete;
    for (const QueuePartition& partition : queue_.partitions) {
      if (!partition.own) continue;
      for (std::size_t i = 0; i < out_.handled.size(); ++i) {
        out_.handled[i] += partition.own->counts[i];
      }
    }
  }

  void AddClassified() {
    out_.scan_failures = static_cast<std::int64_t>(queue_.scan_failures);
    for (const auto& [source, counts] : queue_.classified) {
      const bool is_new = counts.first_seen == history_.poll;
      out_.classified.push_back({source, is_new ? decltype(counts.records){} : counts.records});
    }
  }

  const QueueHistory& queue_;
  const LagHistory& history_;
  const std::vector<PartitionHistory>& logs_;
  DeadLetterReport out_;
};

}  // namespace

std::vector<WantedTime> WantOldest(std::size_t most, LagHistory& history) {
  std::vector<WantedTime> wanted;
  std::vector<QueueHistory>& queues = history.dead_letters.queues;
  for (std::size_t q = 0; q < queues.size(); ++q) {
    const std::vector<PartitionHistory>& logs = history.topics[queues[q].topic].partitions;
    for (std::size_t i = 0; i < logs.size() && wanted.size() < most; ++i) {
      QueuePartition& partition = queues[q].partitions[i];
      const kafka::Offset from = std::max(partition.handled_until, logs[i].start.offset);
      const bool known =
          logs[i].start.seen_at == history.poll && logs[i].end.seen_at == history.poll;
      if (!known || from >= logs[i].end.offset || partition.next_lookup > history.poll) continue;
      partition.oldest.Want(from, from == logs[i].start.offset);
      const auto time = partition.oldest.Next(history.clock.now());
      if (!time) continue;
      wanted.push_back(
          {queues[q].topic, static_cast<std::uint32_t>(i), *time, static_cast<std::int32_t>(q)});
    }
  }
  return wanted;
}

void ReportDeadLetters(const LagHistory& history, bool scan, LagReport& report) {
  for (const QueueHistory& queue : history.dead_letters.queues) {
    const std::int64_t retained = report.topics[queue.topic].retained_records;
    report.dead_letters.push_back(QueueReporter(queue, history).Run(scan, retained));
  }
}

}  // namespace backlogd::analysis
