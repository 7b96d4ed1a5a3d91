#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kafka/kafka_client.h"

namespace backlogd {

// A cluster as plain fields: set what it answers, look at what was asked.
struct FakeKafkaClient : kafka::KafkaClient {
  struct Log {
    kafka::Offset start = 0;
    kafka::Offset last_stable = 0;
    kafka::Offset end = 0;
  };
  using PartitionKey = std::pair<std::string, kafka::PartitionId>;

  kafka::Metadata metadata;
  std::map<kafka::BrokerId, std::vector<kafka::ListedGroup>> listings;
  std::map<std::string, kafka::GroupDescription> descriptions;
  std::map<std::string, std::map<PartitionKey, kafka::Offset>> committed;
  std::map<std::string, std::map<PartitionKey, std::string>> committed_metadata;  // beside these
  std::map<PartitionKey, Log> logs;
  // The records of a log, with their timestamps; those before the log start are not found.
  std::map<PartitionKey, std::map<kafka::Offset, WallTime>> written;
  std::map<std::string, kafka::TopicId> topic_ids;
  std::map<std::string, kafka::TopicConfig> topic_configs;
  std::vector<kafka::BrokerStatistics> statistics;

  std::map<std::string, Error> fail;               // by name of the call: all of it fails
  std::set<kafka::BrokerId> down;                  // what is asked of these times out
  std::map<std::string, Error> fail_group;         // by group: commits and description fail
  std::function<void(const std::string&)> before;  // told of each call before it is answered

  std::vector<std::string> calls;             // names, in order
  std::map<std::string, Deadline> deadlines;  // of the last call of that name
  std::vector<std::string> described;         // groups, in order
  std::vector<std::string> topics_described;
  std::vector<std::string> configs_described;
  std::vector<std::pair<PartitionKey, WallTime>> times_asked;
  bool interrupted = false;

  // A topic of `partitions` partitions led by broker 1, logs from 0 to `end`.
  void AddTopic(const std::string& name, int partitions, kafka::Offset end = 0) {
    kafka::TopicMetadata topic{name, {}};
    for (int i = 0; i < partitions; ++i) {
      topic.partitions.push_back({i, 1, 1, 1});
      logs[{name, i}] = {0, end, end};
    }
    auto& topics = metadata.topics;
    topics.insert(std::find_if(topics.begin(), topics.end(),
                               [&](const auto& other) { return other.name > name; }),
                  topic);
    topic_ids[name] = {1, std::hash<std::string>()(name)};
    topic_configs[name] = {};
  }

  // A group at broker 1.
  void AddGroup(const std::string& name, kafka::GroupState state = kafka::GroupState::kEmpty) {
    listings[1].push_back({name, kafka::GroupType::kClassic, state});
  }

  static Error Down(kafka::BrokerId broker) {
    return {ErrorKind::kTimeout, "broker " + std::to_string(broker) + ": timed out"};
  }

  // The reason why `call` at `broker` fails, if it does.
  const Error* Failure(const std::string& call, kafka::BrokerId broker) {
    if (auto found = fail.find(call); found != fail.end()) return &found->second;
    if (!down.contains(broker)) return nullptr;
    down_error_ = Down(broker);
    return &down_error_;
  }

  void Called(const std::string& call, Deadline deadline) {
    calls.push_back(call);
    deadlines[call] = deadline;
    if (before) before(call);
  }

  Result<kafka::Metadata> FetchMetadata(Deadline deadline) override {
    Called("FetchMetadata", deadline);
    if (const Error* error = Failure("FetchMetadata", kafka::kNoBroker)) return *error;
    return metadata;
  }

  std::vector<Result<kafka::GroupListing>> ListGroups(std::span<const kafka::BrokerId> brokers,
                                                      Deadline deadline) override {
    Called("ListGroups", deadline);
    std::vector<Result<kafka::GroupListing>> answers;
    for (auto broker : brokers) {
      if (const Error* error = Failure("ListGroups", broker)) {
        answers.emplace_back(*error);
      } else {
        answers.emplace_back(kafka::GroupListing{listings[broker]});
      }
    }
    return answers;
  }

  std::vector<Result<kafka::GroupDescription>> DescribeGroups(
      std::span<const kafka::GroupAt> groups, Deadline deadline) override {
    Called("DescribeGroups", deadline);
    std::vector<Result<kafka::GroupDescription>> answers;
    for (const auto& group : groups) {
      described.emplace_back(group.id);
      const Error* error = Failure("DescribeGroups", group.coordinator);
      auto failing = fail_group.find(std::string(group.id));
      if (failing != fail_group.end()) error = &failing->second;
      if (error != nullptr) {
        answers.emplace_back(*error);
      } else {
        answers.emplace_back(Description(std::string(group.id)));
      }
    }
    return answers;
  }

  void FetchCommitted(std::span<const kafka::GroupAt> groups, Deadline deadline,
                      const kafka::CommittedSink& sink) override {
    Called("FetchCommitted", deadline);
    for (std::size_t i = groups.size(); i-- > 0;) {  // answers may come in any order
      const Error* error = Failure("FetchCommitted", groups[i].coordinator);
      auto failing = fail_group.find(std::string(groups[i].id));
      if (failing != fail_group.end()) error = &failing->second;
      if (error != nullptr) {
        sink(i, *error);
        continue;
      }
      std::vector<kafka::CommittedOffset> offsets;
      const auto& commits = committed[std::string(groups[i].id)];
      for (auto commit = commits.rbegin(); commit != commits.rend(); ++commit) {
        offsets.push_back({commit->first.first, commit->first.second, commit->second,
                           committed_metadata[std::string(groups[i].id)][commit->first]});
      }
      sink(i, std::span<const kafka::CommittedOffset>(offsets));
    }
  }

  std::vector<kafka::PartitionOffset> FetchLogOffsets(
      std::span<const kafka::PartitionAt> partitions, kafka::OffsetSpec spec,
      Deadline deadline) override {
    using Spec = kafka::OffsetSpec;
    const std::string call = spec == Spec::kEarliest     ? "FetchLogOffsets(earliest)"
                             : spec == Spec::kLastStable ? "FetchLogOffsets(last_stable)"
                                                         : "FetchLogOffsets(latest)";
    Called(call, deadline);
    std::vector<kafka::PartitionOffset> answers;
    for (const auto& partition : partitions) {
      kafka::PartitionOffset answer = Unanswered(call, partition.leader);
      if (!answer.error) {
        const Log& log = logs[{std::string(partition.topic), partition.partition}];
        answer.offset = spec == Spec::kEarliest     ? log.start
                        : spec == Spec::kLastStable ? log.last_stable
                                                    : log.end;
      }
      answers.push_back(answer);
    }
    return answers;
  }

  std::vector<kafka::PartitionOffset> FetchOffsetsForTimes(
      std::span<const kafka::PartitionTime> partitions, Deadline deadline) override {
    Called("FetchOffsetsForTimes", deadline);
    std::vector<kafka::PartitionOffset> answers;
    for (const auto& [partition, time] : partitions) {
      kafka::PartitionOffset answer = Unanswered("FetchOffsetsForTimes", partition.leader);
      const PartitionKey key{partition.topic, partition.partition};
      const auto& records = written[key];
      const auto found =
          std::find_if(records.lower_bound(logs[key].start), records.end(),
                       [at = time](const auto& record) { return record.second >= at; });
      if (!answer.error && found != records.end()) {
        answer.offset = found->first;
        answer.timestamp = found->second;
      }
      times_asked.emplace_back(key, time);
      answers.push_back(answer);
    }
    return answers;
  }

  std::vector<Result<kafka::TopicId>> DescribeTopics(std::span<const std::string_view> topics,
                                                     Deadline deadline) override {
    Called("DescribeTopics", deadline);
    return Answer("DescribeTopics", topics, topic_ids, topics_described);
  }

  std::vector<Result<kafka::TopicConfig>> DescribeTopicConfigs(
      std::span<const std::string_view> topics, Deadline deadline) override {
    Called("DescribeTopicConfigs", deadline);
    return Answer("DescribeTopicConfigs", topics, topic_configs, configs_described);
  }

  std::vector<kafka::BrokerStatistics> Statistics() override { return statistics; }
  void Interrupt() override { interrupted = true; }

 private:
  // The answer of a leader that gives none; without an error, of one that does.
  kafka::PartitionOffset Unanswered(const std::string& call, kafka::BrokerId leader) {
    kafka::PartitionOffset answer;
    if (const Error* error = Failure(call, leader)) {
      answer.error = *error;
    } else if (leader == kafka::kNoBroker) {
      answer.error = Error{ErrorKind::kNoLeader, "no leader"};
    }
    return answer;
  }

  // As Kafka does, a group that it does not know is described as Dead.
  kafka::GroupDescription Description(const std::string& group) {
    const bool exists = std::any_of(listings.begin(), listings.end(), [&](const auto& listing) {
      return std::any_of(listing.second.begin(), listing.second.end(),
                         [&](const auto& listed) { return listed.id == group; });
    });
    if (exists || descriptions.contains(group)) return descriptions[group];
    return {kafka::GroupType::kClassic, kafka::GroupState::kDead, 0, {}};
  }

  template <typename T>
  std::vector<Result<T>> Answer(const std::string& call, std::span<const std::string_view> topics,
                                std::map<std::string, T>& values, std::vector<std::string>& asked) {
    std::vector<Result<T>> answers;
    for (auto topic : topics) {
      asked.emplace_back(topic);
      const Error* error = Failure(call, kafka::kNoBroker);
      if (error != nullptr) {
        answers.emplace_back(*error);
      } else {
        answers.emplace_back(values[std::string(topic)]);
      }
    }
    return answers;
  }

  Error down_error_;
};

}  // namespace backlogd
