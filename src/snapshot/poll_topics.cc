// The steps of a poll that ask about topics and their logs.

#include <algorithm>
#include <utility>

#include "snapshot/poll.h"

namespace backlogd::snapshot {
namespace {

constexpr std::string_view kOffsetsTopic = "__consumer_offsets";

// How many topics are described in one poll: all that never were, and some of the others in turn,
// so that a change of id or retention is noticed within (topics / kRefreshedTopics) polls.
constexpr std::size_t kNewTopics = 2000;
constexpr std::size_t kRefreshedTopics = 100;

using OffsetMember = kafka::Offset PartitionLog::*;

// Sum of one offset over a topic's partitions; -1 unless all are known.
kafka::Offset SumOf(std::span<const PartitionLog> partitions, OffsetMember member) {
  kafka::Offset sum = 0;
  for (const PartitionLog& partition : partitions) {
    if (!Known(partition.*member)) return -1;
    sum += partition.*member;
  }
  return sum;
}

bool Shrank(kafka::Offset before, kafka::Offset after) {
  return Known(before) && Known(after) && after < before;
}

// An answer that may be better the next time: worth asking again at once.
bool IsPassing(const Error& error) {
  return error.kind == ErrorKind::kTimeout || error.kind == ErrorKind::kUnreachable ||
         error.kind == ErrorKind::kInterrupted;
}

}  // namespace

void Poll::ReadMetadata(Deadline deadline) {
  Result<kafka::Metadata> metadata = context_.client.FetchMetadata(deadline);
  if (!metadata) {
    AddFailure(Step::kMetadata, metadata.error());
    return;
  }
  seen_.metadata_known = true;
  seen_.cluster_id = std::move(metadata->cluster_id);
  seen_.brokers = std::move(metadata->brokers);
  std::ranges::sort(seen_.brokers, {}, &kafka::Broker::id);
  TakeTopics(std::move(metadata->topics));
}

void Poll::TakeTopics(std::vector<kafka::TopicMetadata> topics) {
  seen_.groups_complete = true;
  for (kafka::TopicMetadata& topic : topics) {
    if (topic.name == kOffsetsTopic) NoteUnlistedCoordinators(topic);
    if (!context_.selection.topics(topic.name)) {
      seen_.unwatched_topics.push_back(std::move(topic.name));
      continue;
    }
    const auto index = static_cast<TopicIndex>(seen_.topics.size());
    const auto first = static_cast<std::uint32_t>(seen_.partitions.size());
    for (const kafka::PartitionMetadata& partition : topic.partitions) {
      seen_.partitions.push_back({index, partition.id, partition.leader, partition.replicas,
                                  partition.in_sync_replicas, -1, -1, -1,
                                  partition.preferred_leader});
    }
    const auto count = static_cast<std::uint32_t>(topic.partitions.size());
    const CollectorMemory::Topic& memory = MemoryOf(topic.name);
    seen_.topics.push_back({std::move(topic.name), first, count, memory.id, memory.config});
  }
  topic_index_.reserve(seen_.topics.size());
  for (TopicIndex i = 0; i < seen_.topics.size(); ++i) topic_index_[seen_.topics[i].name] = i;
  log_question_.reserve(seen_.partitions.size());
  for (const PartitionLog& partition : seen_.partitions) {
    log_question_.push_back(
        {seen_.topics[partition.topic].name, partition.partition, partition.leader});
  }
}

// A partition of the offsets topic without a leader coordinates no group now: its groups are in
// nobody's list, though they exist.
void Poll::NoteUnlistedCoordinators(const kafka::TopicMetadata& offsets_topic) {
  for (const kafka::PartitionMetadata& partition : offsets_topic.partitions) {
    offsets_leaders_.push_back(partition.leader);
  }
  const auto leaderless =
      static_cast<std::uint64_t>(std::ranges::count(offsets_leaders_, kafka::kNoBroker));
  if (leaderless == 0) return;
  seen_.groups_complete = false;
  AddFailure(Step::kListGroups,
             {ErrorKind::kNoLeader, std::to_string(leaderless) + " partitions of " +
                                        std::string(kOffsetsTopic) +
                                        " have no leader: their groups have no coordinator"},
             leaderless);
}

void Poll::ReadLogOffsets(OffsetMember member, kafka::OffsetSpec spec, Step step,
                          Deadline deadline) {
  if (log_question_.empty()) return;
  const auto answers = context_.client.FetchLogOffsets(log_question_, spec, deadline);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].offset) {
      seen_.partitions[i].*member = *answers[i].offset;
    } else {
      AddFailure(step, answers[i].error.value_or(Error{ErrorKind::kOther, "no offset answered"}));
    }
  }
}

// A log that is shorter than before was cut, or belongs to a new topic of the same name: only the
// topic's id tells, so it is asked for in this poll.
void Poll::NoteShrunkLogs() {
  for (const Topic& topic : seen_.topics) {
    const auto logs =
        std::span(seen_.partitions).subspan(topic.first_partition, topic.partition_count);
    CollectorMemory::Topic& memory = MemoryOf(topic.name);
    const kafka::Offset start = SumOf(logs, &PartitionLog::start);
    const kafka::Offset end = SumOf(logs, &PartitionLog::end);
    if (Shrank(memory.start_sum, start) || Shrank(memory.end_sum, end)) memory.id_asked_at = 0;
    if (Known(start)) memory.start_sum = start;
    if (Known(end)) memory.end_sum = end;
  }
}

// The topics never asked about, and those whose turn it is: longest ago first.
std::vector<std::string_view> Poll::TopicsInTurn(AskedAt asked_at) const {
  std::vector<std::pair<std::uint64_t, std::string_view>> queue;
  queue.reserve(seen_.topics.size());
  for (const Topic& topic : seen_.topics) {
    const auto memory = context_.memory.topics.find(topic.name);
    queue.emplace_back(memory->second.*asked_at, topic.name);
  }
  std::ranges::sort(queue);
  std::vector<std::string_view> turn;
  for (const auto& [asked, name] : queue) {
    if (turn.size() >= (asked == 0 ? kNewTopics : kRefreshedTopics)) break;
    turn.push_back(name);
  }
  return turn;
}

void Poll::DescribeTopics(Deadline deadline) {
  const auto turn = TopicsInTurn(&CollectorMemory::Topic::id_asked_at);
  if (turn.empty()) return;
  const auto answers = context_.client.DescribeTopics(turn, deadline);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    CollectorMemory::Topic& memory = MemoryOf(turn[i]);
    if (!answers[i]) {
      AddFailure(Step::kDescribeTopics, answers[i].error());
      if (IsPassing(answers[i].error())) continue;
    } else if (memory.id != *answers[i]) {
      memory.id = *answers[i];
      memory.config_asked_at = 0;
      seen_.topics[*FindTopic(turn[i])].id = memory.id;
    }
    memory.id_asked_at = context_.memory.poll;
  }
}

void Poll::DescribeTopicConfigs(Deadline deadline) {
  const auto turn = TopicsInTurn(&CollectorMemory::Topic::config_asked_at);
  if (turn.empty()) return;
  const auto answers = context_.client.DescribeTopicConfigs(turn, deadline);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    CollectorMemory::Topic& memory = MemoryOf(turn[i]);
    if (answers[i]) {
      memory.config = *answers[i];
      seen_.topics[*FindTopic(turn[i])].config = memory.config;
    } else {
      AddFailure(Step::kTopicConfigs, answers[i].error());
      if (IsPassing(answers[i].error())) continue;
    }
    memory.config_asked_at = context_.memory.poll;
  }
}

CollectorMemory::Topic& Poll::MemoryOf(std::string_view topic) {
  auto found = context_.memory.topics.find(topic);
  if (found == context_.memory.topics.end()) {
    found = context_.memory.topics.try_emplace(std::string(topic)).first;
  }
  found->second.seen_at = context_.memory.poll;
  return found->second;
}

std::optional<TopicIndex> Poll::FindTopic(std::string_view name) {
  if (last_found_ && seen_.topics[*last_found_].name == name) return last_found_;
  const auto found = topic_index_.find(name);
  if (found == topic_index_.end()) return std::nullopt;
  last_found_ = found->second;
  return last_found_;
}

}  // namespace backlogd::snapshot
