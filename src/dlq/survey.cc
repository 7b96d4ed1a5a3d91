#include "dlq/survey.h"

#include <algorithm>
#include <set>
#include <utility>

#include "deadletters/handling.h"
#include "deadletters/settings.h"

namespace backlogd::dlq {
namespace {

std::string Needing(const Error& error, const std::string& right) {
  return error.message + (error.kind == ErrorKind::kUnauthorized ? " (needs " + right + ")" : "");
}

std::string Sentence(const char* what, const Error& error, const std::string& right) {
  return std::string(what) + ": " + Needing(error, right);
}

// When a part of the time that is left is over.
Deadline Share(Deadline now, Deadline deadline, int parts) {
  return now + std::max(deadline - now, Deadline::duration::zero()) / parts;
}

void ListGroups(kafka::KafkaClient& client, Deadline deadline, Survey& survey) {
  std::vector<kafka::BrokerId> brokers;
  for (const kafka::Broker& broker : survey.metadata.brokers) brokers.push_back(broker.id);
  const auto listings = client.ListGroups(brokers, deadline);
  for (std::size_t i = 0; i < listings.size(); ++i) {
    if (!listings[i]) {
      survey.all_groups_known = false;
      survey.gaps.push_back(
          Sentence("not all groups are known", listings[i].error(), "DESCRIBE on the cluster"));
      continue;
    }
    for (const kafka::ListedGroup& group : listings[i]->groups) {
      survey.groups.push_back({group.id, brokers[i], {}});
    }
  }
}

void FetchTopicsOf(kafka::KafkaClient& client, Deadline deadline, Survey& survey) {
  std::vector<kafka::GroupAt> asked;
  for (const SurveyedGroup& group : survey.groups) asked.push_back({group.name, group.coordinator});
  std::size_t failed = 0;
  std::string why;
  client.FetchCommitted(asked, deadline, [&](std::size_t index, const auto& offsets) {
    if (!offsets) {
      ++failed;
      survey.groups[index].topics_known = false;
      why = Needing(offsets.error(), "DESCRIBE on the group");
      return;
    }
    std::set<std::string, std::less<>> topics;
    for (const kafka::CommittedOffset& offset : *offsets) topics.emplace(offset.topic);
    survey.groups[index].topics.assign(topics.begin(), topics.end());
  });
  if (failed > 0) {
    survey.gaps.push_back("commits of " + std::to_string(failed) +
                          (failed == 1 ? " group" : " groups") + " are not known: " + why);
  }
}

// The topics that Kafka itself marks as queues of share groups.
std::vector<std::string_view> FindMarked(kafka::KafkaClient& client, Deadline deadline,
                                         Survey& survey) {
  std::vector<std::string_view> topics, marked;
  for (const kafka::TopicMetadata& topic : survey.metadata.topics) topics.push_back(topic.name);
  const auto configs = client.DescribeTopicConfigs(topics, deadline);
  const Error* error = nullptr;
  for (std::size_t i = 0; i < configs.size(); ++i) {
    if (!configs[i]) {
      error = &configs[i].error();
    } else if (configs[i]->takes_dead_letters) {
      marked.push_back(topics[i]);
    }
  }
  if (error != nullptr) {
    survey.gaps.push_back(
        Sentence("not all topics' settings are known, which tell the queues of "
                 "share groups",
                 *error, "DESCRIBE_CONFIGS on the topic"));
  }
  return marked;
}

std::vector<deadletters::DeadLetterQueue> Discover(const Survey& survey,
                                                   const config::DeadLetters& dead_letters,
                                                   std::vector<std::string_view> marked) {
  deadletters::ClusterNames names;
  for (const kafka::TopicMetadata& topic : survey.metadata.topics) {
    names.topics.push_back(topic.name);
  }
  for (const SurveyedGroup& group : survey.groups) {
    names.groups.push_back({group.name, false, {group.topics.begin(), group.topics.end()}});
  }
  names.marked = std::move(marked);
  return deadletters::Discovery(deadletters::DiscoverySettingsOf(dead_letters))
      .Discover(std::move(names));
}

std::optional<Error> FetchOffsets(kafka::KafkaClient& client, kafka::OffsetSpec spec,
                                  Deadline deadline, Queue& queue) {
  std::vector<kafka::PartitionAt> asked;
  for (const QueuePartition& partition : queue.partitions) asked.push_back(partition.at);
  const auto answers = client.FetchLogOffsets(asked, spec, deadline);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i].offset) {
      const Error none{ErrorKind::kOther, "no answer"};
      const Error& error = answers[i].error ? *answers[i].error : none;
      const std::string where = queue.topic + "/" + std::to_string(asked[i].partition) + ": ";
      const std::string why = Needing(error, "DESCRIBE on topic " + queue.topic);
      std::string message = why.starts_with(where) ? "" : where + "log offsets: ";
      return Error{error.kind, message.append(why)};
    }
    const bool start = spec == kafka::OffsetSpec::kEarliest;
    (start ? queue.partitions[i].start : queue.partitions[i].end) = *answers[i].offset;
  }
  return std::nullopt;
}

void Note(const kafka::CommittedOffset& commit, const Queue& queue, QueueProgress& progress) {
  if (commit.topic != queue.topic) return;
  for (std::size_t i = 0; i < progress.size(); ++i) {
    if (queue.partitions[i].at.partition != commit.partition) continue;
    progress[i] = ProgressFrom(commit.offset, commit.metadata, queue.partitions[i]);
  }
}

// kNoBroker: no broker has the group.
Result<kafka::BrokerId> FindCoordinator(const Survey& survey, std::string_view group) {
  const auto listed = std::ranges::find(survey.groups, group, &SurveyedGroup::name);
  if (listed != survey.groups.end()) return listed->coordinator;
  const std::string subject = "group " + std::string(group) + ": committed offsets: ";
  // Kafka lists only the groups that we may see: one that is not listed may be there.
  if (const auto coordinator = CoordinatorOf(survey.metadata, group)) {
    if (*coordinator != kafka::kNoBroker) return *coordinator;
    return Error{ErrorKind::kNoLeader, subject +
                                           "its coordinator is down: the group's partition of "
                                           "__consumer_offsets has no leader"};
  }
  if (survey.all_groups_known) return kafka::kNoBroker;
  return Error{ErrorKind::kNoLeader, subject + "not all brokers said which groups they have"};
}

// Java's String.hashCode(). REQUIRES: ASCII, as names of topics are
std::uint32_t JavaHash(std::string_view text) {
  std::uint32_t hash = 0;
  for (const char c : text) hash = 31 * hash + static_cast<unsigned char>(c);
  return hash;
}

std::string OtherLog(const Queue& queue, const QueuePartition& partition, kafka::Offset next) {
  const std::string group = deadletters::OwnHandlingGroup(queue.topic);
  return queue.topic + "/" + std::to_string(partition.at.partition) + ": is handled up to offset " +
         std::to_string(next) + ", but ends at " + std::to_string(partition.end) +
         ": was the topic made anew? Delete the group " + group +
         " (kafka-consumer-groups --delete --group " + group + ") to begin at its start";
}

}  // namespace

const kafka::TopicMetadata* Survey::FindTopic(std::string_view topic) const {
  const auto found = std::ranges::find(metadata.topics, topic, &kafka::TopicMetadata::name);
  return found == metadata.topics.end() ? nullptr : &*found;
}

const deadletters::DeadLetterQueue* Survey::FindQueue(std::string_view topic) const {
  const auto found = std::ranges::find(queues, topic, &deadletters::DeadLetterQueue::topic);
  return found == queues.end() ? nullptr : &*found;
}

Result<Survey> LookAround(kafka::KafkaClient& client, const config::DeadLetters& dead_letters,
                          const std::function<Deadline()>& now, Deadline deadline) {
  Result<kafka::Metadata> metadata = client.FetchMetadata(deadline);
  if (!metadata) return metadata.error();
  Survey survey;
  survey.metadata = std::move(*metadata);
  ListGroups(client, Share(now(), deadline, 3), survey);
  FetchTopicsOf(client, Share(now(), deadline, 2), survey);
  std::vector<std::string_view> marked = FindMarked(client, deadline, survey);
  survey.queues = Discover(survey, dead_letters, std::move(marked));
  return survey;
}

std::optional<Error> OpenQueue(kafka::KafkaClient& client, const Survey& survey,
                               const Filters& filters, Deadline deadline, Queue& queue) {
  queue.known.topic = queue.topic;
  if (const auto* known = survey.FindQueue(queue.topic)) {
    queue.known = *known;
    queue.discovered = true;
  }
  for (const kafka::PartitionMetadata& partition : survey.FindTopic(queue.topic)->partitions) {
    if (!HasPartition(filters, partition.id)) continue;
    queue.partitions.push_back({{queue.topic, partition.id, partition.leader}, 0, 0});
  }
  if (auto error = FetchOffsets(client, kafka::OffsetSpec::kEarliest, deadline, queue))
    return error;
  return FetchOffsets(client, kafka::OffsetSpec::kLastStable, deadline, queue);
}

deadletters::Progress ProgressFrom(std::optional<kafka::Offset> committed,
                                   std::string_view metadata, const QueuePartition& partition) {
  deadletters::Progress progress;
  if (!committed) {
    progress.next = partition.start;
    return progress;
  }
  progress = deadletters::DecodeProgress(*committed, metadata);
  if (progress.next < partition.start) {
    deadletters::MarkHandled(progress.next, partition.start, progress);
  }
  return progress;
}

QueueProgress AtTheStart(const Queue& queue) {
  QueueProgress progress;
  for (const QueuePartition& partition : queue.partitions) {
    progress.push_back(ProgressFrom(std::nullopt, "", partition));
  }
  return progress;
}

Result<QueueProgress> FetchProgress(kafka::KafkaClient& client, const Survey& survey,
                                    const Queue& queue, std::string_view group, Deadline deadline) {
  QueueProgress progress = AtTheStart(queue);
  const Result<kafka::BrokerId> coordinator = FindCoordinator(survey, group);
  if (!coordinator) return coordinator.error();
  if (*coordinator == kafka::kNoBroker) return progress;
  const kafka::GroupAt asked[] = {{group, *coordinator}};
  std::optional<Error> error;
  client.FetchCommitted(asked, deadline, [&](std::size_t, const auto& offsets) {
    if (!offsets) {
      error = Error{offsets.error().kind,
                    Needing(offsets.error(), "DESCRIBE on group " + std::string(group))};
      return;
    }
    for (const kafka::CommittedOffset& offset : *offsets) Note(offset, queue, progress);
  });
  if (error) return *error;
  return progress;
}

std::int64_t CountPending(const QueuePartition& partition, const deadletters::Progress& progress) {
  if (partition.end <= partition.start) return 0;
  return partition.end - partition.start -
         deadletters::CountHandled(progress, partition.start, partition.end);
}

std::optional<kafka::BrokerId> CoordinatorOf(const kafka::Metadata& metadata,
                                             std::string_view group) {
  const auto topic =
      std::ranges::find(metadata.topics, "__consumer_offsets", &kafka::TopicMetadata::name);
  if (topic == metadata.topics.end() || topic->partitions.empty()) return std::nullopt;
  const std::size_t partition = (JavaHash(group) & 0x7fffffffU) % topic->partitions.size();
  const auto found = std::ranges::find(
      topic->partitions, static_cast<kafka::PartitionId>(partition), &kafka::PartitionMetadata::id);
  if (found == topic->partitions.end()) return kafka::kNoBroker;
  return found->leader;
}

std::optional<std::string> FindOtherLog(const Queue& queue, const QueueProgress& progress) {
  for (std::size_t i = 0; i < queue.partitions.size(); ++i) {
    const QueuePartition& partition = queue.partitions[i];
    if (progress[i].next <= std::max(partition.end, partition.start)) continue;
    return OtherLog(queue, partition, progress[i].next);
  }
  return std::nullopt;
}

}  // namespace backlogd::dlq
