#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "deadletters/discovery.h"
#include "deadletters/progress.h"
#include "dlq/filters.h"
#include "kafka/kafka_client.h"

namespace backlogd::dlq {

// A group and the broker that coordinates it.
struct SurveyedGroup {
  std::string name;
  kafka::BrokerId coordinator = kafka::kNoBroker;
  std::vector<std::string> topics;  // it has commits on these
  bool topics_known = true;
};

// What a cluster has, as far as it tells us.
struct Survey {
  kafka::Metadata metadata;
  std::vector<SurveyedGroup> groups;
  std::vector<deadletters::DeadLetterQueue> queues;  // ascending by topic
  std::vector<std::string> gaps;                     // what it would not tell, one sentence each
  bool all_groups_known = true;  // false: some broker did not say which groups it has

  const kafka::TopicMetadata* FindTopic(std::string_view topic) const;  // null if there is none
  const deadletters::DeadLetterQueue* FindQueue(std::string_view topic) const;
};

// Only what cannot be done without is an error: the topics. No other step takes more than its share
// of the time: a broker that does not answer one must not take the others with it.
Result<Survey> LookAround(kafka::KafkaClient& client, const config::DeadLetters& dead_letters,
                          const std::function<Deadline()>& now, Deadline deadline);

struct QueuePartition {
  kafka::PartitionAt at;
  kafka::Offset start = 0;
  kafka::Offset end = 0;  // the last stable offset when we looked: later records are not ours
};

// A topic as it was at one instant.
struct Queue {
  std::string topic;
  deadletters::DeadLetterQueue known;  // of what was discovered; only the topic if it was not
  bool discovered = false;
  std::vector<QueuePartition> partitions;  // ascending by id

  Queue() = default;
  // The partitions look at `topic`.
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;
};
// `queue`, of which only the topic is set, is filled in, with the partitions that `filters` has:
// the others may be without a leader. REQUIRES: survey.FindTopic(queue.topic)
std::optional<Error> OpenQueue(kafka::KafkaClient& client, const Survey& survey,
                               const Filters& filters, Deadline deadline, Queue& queue);

// How far a group got with a queue: one progress a partition. A commit that is not there is one at
// the start of the log, and so is one that lies before it.
using QueueProgress = std::vector<deadletters::Progress>;
QueueProgress AtTheStart(const Queue& queue);
// What was committed, or nothing, at the place of the partition.
deadletters::Progress ProgressFrom(std::optional<kafka::Offset> committed,
                                   std::string_view metadata, const QueuePartition& partition);

// Of any group, whether the survey has it or not: its coordinator is asked, where that is known. At
// the start only if it is sure that the group is not there; an error names the right it needs.
Result<QueueProgress> FetchProgress(kafka::KafkaClient& client, const Survey& survey,
                                    const Queue& queue, std::string_view group, Deadline deadline);

// Offsets of the partition that are not handled.
std::int64_t CountPending(const QueuePartition& partition, const deadletters::Progress& progress);

// The broker that coordinates a group, whether it exists or not: the leader of its partition of
// __consumer_offsets. kNoBroker if there is none; nothing if that topic is not shown to us.
std::optional<kafka::BrokerId> CoordinatorOf(const kafka::Metadata& metadata,
                                             std::string_view group);

// A log that ends before what our own group handled is another log than the one that was handled:
// what to do about it. Nothing if there is none.
std::optional<std::string> FindOtherLog(const Queue& queue, const QueueProgress& progress);

}  // namespace backlogd::dlq
