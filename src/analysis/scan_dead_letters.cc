// Which dead letters are looked at, and what is counted of them.

#include <algorithm>

#include "analysis/dead_letters.h"
#include "analysis/lag_history.h"
#include "deadletters/classify.h"
#include "deadletters/conventions.h"

namespace backlogd::analysis {
namespace {

// Further sources of one queue are not told apart: a label must not grow without bound.
constexpr std::size_t kMostSources = 100;

bool IsWatched(std::string_view topic, const LagHistory& history) {
  return std::ranges::binary_search(history.topics, topic, {}, [](const TopicHistory& one) {
    return std::string_view(one.name);
  });
}

// What a header claims counts only if there is such a topic.
std::string_view SourceOf(const deadletters::DeadLetter& letter, const QueueHistory& queue,
                          const LagHistory& history) {
  const std::string_view claimed = letter.origin.topic;
  if (claimed.empty() || claimed == queue.queue.source_topic) return queue.queue.source_topic;
  if (deadletters::IsInternalName(claimed)) return queue.queue.source_topic;
  if (!IsWatched(claimed, history)) return {};
  const bool fits = queue.classified.contains(claimed) || queue.classified.size() < kMostSources;
  return fits ? claimed : std::string_view{};
}

deadletters::RecordView ViewOf(const kafka::Record& record,
                               std::vector<deadletters::Header>& headers) {
  headers.clear();
  for (const kafka::RecordHeader& header : record.headers) {
    headers.push_back({header.name, header.value});
  }
  return {record.topic, headers, record.value, record.timestamp, record.timestamp_is_of_the_append};
}

}  // namespace

std::vector<kafka::ReadRange> WantRecords(LagHistory& history) {
  DeadLetterHistory& dead = history.dead_letters;
  dead.ranges.clear();
  std::vector<kafka::ReadRange> wanted;
  for (std::size_t i = 0; i < dead.queues.size(); ++i) {
    const std::size_t index = (dead.next_queue + i) % dead.queues.size();
    const QueueHistory& queue = dead.queues[index];
    const TopicHistory& topic = history.topics[queue.topic];
    for (std::size_t p = 0; p < queue.partitions.size(); ++p) {
      const PartitionHistory& log = topic.partitions[p];
      const kafka::Offset from = std::max(queue.partitions[p].read_until, log.start.offset);
      const bool is_known = log.last_stable.seen_at == history.poll && log.start.seen_at != 0;
      if (!is_known || from >= log.last_stable.offset) continue;
      wanted.push_back({topic.name, log.partition, from, log.last_stable.offset});
      dead.ranges.push_back({index, p});
    }
  }
  if (!dead.queues.empty()) dead.next_queue = (dead.next_queue + 1) % dead.queues.size();
  return wanted;
}

void TakeRecord(std::size_t range, const kafka::Record& record, const DeadLetterSettings& settings,
                LagHistory& history) {
  DeadLetterHistory& dead = history.dead_letters;
  QueueHistory& queue = dead.queues[dead.ranges[range].queue];
  const deadletters::RecordView view = ViewOf(record, dead.headers);
  queue.votes.Add(view);
  const deadletters::DeadLetter letter = deadletters::Decode(view, queue.votes.Winner());
  const deadletters::Reason reason = deadletters::Classify(letter, settings.reasons);
  const std::string_view source = SourceOf(letter, queue, history);
  auto counts = queue.classified.find(source);
  if (counts == queue.classified.end()) {
    counts = queue.classified.emplace(source, ClassifiedRecords{history.poll, {}}).first;
  }
  ++counts->second.records[static_cast<std::size_t>(reason)];
}

void TakeOutcomes(std::span<const kafka::ReadOutcome> outcomes, LagHistory& history) {
  DeadLetterHistory& dead = history.dead_letters;
  for (std::size_t i = 0; i < std::min(outcomes.size(), dead.ranges.size()); ++i) {
    QueueHistory& queue = dead.queues[dead.ranges[i].queue];
    QueuePartition& partition = queue.partitions[dead.ranges[i].partition];
    partition.read_until = std::max(partition.read_until, outcomes[i].next);
    if (outcomes[i].error) ++queue.scan_failures;
  }
  dead.ranges.clear();
}

}  // namespace backlogd::analysis
