#include "kafka/topic_details.h"

#include <charconv>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "kafka/batches.h"
#include "kafka/error_mapping.h"

namespace backlogd::kafka {
namespace {

constexpr std::size_t kTopicsPerCall = 100;
constexpr std::size_t kCallsPerBroker = 4;
constexpr auto kRetentionMs = "retention.ms";
constexpr auto kRetentionBytes = "retention.bytes";
constexpr auto kMaxMessageBytes = "max.message.bytes";
constexpr auto kCleanupPolicy = "cleanup.policy";
constexpr auto kTimestampType = "message.timestamp.type";
constexpr auto kTakesDeadLetters = "errors.deadletterqueue.group.enable";  // since Kafka 4.4

using Places = std::unordered_map<std::string_view, std::size_t>;  // topic -> its place

// What the two questions have in common.
struct TopicQuestions {
  AdminSession& session;
  BrokerId broker;
  std::span<const std::string_view> topics;
  std::vector<Batch> batches;
  Places places;
  std::string_view asked_for;

  TopicQuestions(AdminSession& the_session, BrokerId the_broker,
                 std::span<const std::string_view> the_topics, std::string_view what)
      : session(the_session),
        broker(the_broker),
        topics(the_topics),
        batches(
            BatchesByBroker(topics.size(), kTopicsPerCall, [this](std::size_t) { return broker; })),
        asked_for(what) {
    for (std::size_t i = 0; i < topics.size(); ++i) places.emplace(topics[i], i);
  }

  std::string SubjectOf(std::string_view topic) const {
    return "topic " + std::string(topic) + ": " + std::string(asked_for);
  }

  std::vector<std::string> NamesIn(std::size_t batch) const {
    std::vector<std::string> names;
    for (const std::size_t member : batches[batch].members) names.emplace_back(topics[member]);
    return names;
  }

  // `read` is given each answered event; what stays unanswered gets an error.
  template <typename T, typename Send, typename Read>
  std::vector<Result<T>> Ask(rd_kafka_admin_op_t operation, Deadline deadline, const Send& send,
                             const Read& read) {
    std::vector<Result<T>> answers;
    for (const std::string_view topic : topics) {
      answers.emplace_back(Error{ErrorKind::kOther, SubjectOf(topic) + ": not in the answer"});
    }
    AdminQuestions questions;
    questions.operation = operation;
    questions.count = batches.size();
    questions.window_per_broker = kCallsPerBroker;
    questions.broker = [this](std::size_t) { return broker; };
    questions.subject = [this](std::size_t) {
      return "broker " + std::to_string(broker) + ": " + std::string(asked_for);
    };
    questions.send = send;
    questions.answer = [&](std::size_t number, const Result<EventPtr>& event) {
      if (event) {
        session.errors().Forget(broker);
        read(event->get(), answers);
        return;
      }
      for (const std::size_t member : batches[number].members) answers[member] = event.error();
    };
    session.Ask(questions, deadline);
    return answers;
  }
};

Result<TopicId> ReadId(const std::string& subject, const rd_kafka_TopicDescription_t* described) {
  const rd_kafka_error_t* error = rd_kafka_TopicDescription_error(described);
  if (error != nullptr && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return MakeError(subject, rd_kafka_error_code(error), rd_kafka_error_string(error));
  }
  const rd_kafka_Uuid_t* uuid = rd_kafka_TopicDescription_topic_id(described);
  const TopicId id{static_cast<std::uint64_t>(rd_kafka_Uuid_most_significant_bits(uuid)),
                   static_cast<std::uint64_t>(rd_kafka_Uuid_least_significant_bits(uuid))};
  if (id == TopicId{}) {
    return Error{ErrorKind::kUnsupported, subject + ": the broker gives topics no ids"};
  }
  return id;
}

// A number of at least 0; absent for -1, Kafka's word for "unlimited".
Result<std::optional<std::int64_t>> ReadLimit(const std::string& subject, const char* name,
                                              const char* text) {
  if (text == nullptr) return Error{ErrorKind::kOther, subject + ": " + name + ": no value"};
  const std::string_view digits(text);
  std::int64_t limit = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), limit);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    return Error{ErrorKind::kOther, subject + ": " + name + ": not a number"};
  }
  return limit < 0 ? std::optional<std::int64_t>() : limit;
}

const char* ValueOf(const rd_kafka_ConfigEntry_t* const* entries, std::size_t count,
                    std::string_view name) {
  for (std::size_t i = 0; i < count; ++i) {
    if (name == rd_kafka_ConfigEntry_name(entries[i]))
      return rd_kafka_ConfigEntry_value(entries[i]);
  }
  return nullptr;
}

bool Is(const char* value, std::string_view wanted) { return value != nullptr && value == wanted; }

Result<TopicConfig> ReadConfig(const std::string& subject,
                               const rd_kafka_ConfigResource_t* resource) {
  const rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(resource);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return MakeError(subject, code, rd_kafka_ConfigResource_error_string(resource));
  }
  std::size_t count = 0;
  const auto** entries = rd_kafka_ConfigResource_configs(resource, &count);
  const auto time = ReadLimit(subject, kRetentionMs, ValueOf(entries, count, kRetentionMs));
  if (!time) return time.error();
  const auto bytes = ReadLimit(subject, kRetentionBytes, ValueOf(entries, count, kRetentionBytes));
  if (!bytes) return bytes.error();
  const char* policy = ValueOf(entries, count, kCleanupPolicy);
  if (policy == nullptr) return Error{ErrorKind::kOther, subject + ": no cleanup.policy"};

  TopicConfig config;
  config.cleanup_policy = policy;
  config.deletes = std::string_view(policy).find("delete") != std::string_view::npos;
  if (time->has_value()) config.retention_ms = std::chrono::milliseconds(**time);
  config.retention_bytes = *bytes;
  const auto largest =
      ReadLimit(subject, kMaxMessageBytes, ValueOf(entries, count, kMaxMessageBytes));
  if (largest) config.max_message_bytes = *largest;
  config.timestamps_are_of_the_append =
      Is(ValueOf(entries, count, kTimestampType), "LogAppendTime");
  config.takes_dead_letters = Is(ValueOf(entries, count, kTakesDeadLetters), "true");
  return config;
}

void SendConfigQuestion(rd_kafka_t* handle, const std::vector<std::string>& topics,
                        const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
  std::vector<ConfigResourcePtr> owners;
  std::vector<rd_kafka_ConfigResource_t*> resources;
  for (const std::string& topic : topics) {
    owners.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
    resources.push_back(owners.back().get());
    // Named entries are the only ones that come back.
    for (const char* name :
         {kRetentionMs, kRetentionBytes, kCleanupPolicy, kTimestampType, kTakesDeadLetters}) {
      rd_kafka_ConfigResource_set_config(owners.back().get(), name, "");
    }
  }
  rd_kafka_DescribeConfigs(handle, resources.data(), resources.size(), options, queue);
}

}  // namespace

std::vector<Result<TopicId>> DescribeTopics(AdminSession& session, BrokerId broker,
                                            std::span<const std::string_view> topics,
                                            Deadline deadline) {
  TopicQuestions questions(session, broker, topics, "topic id");
  const auto send = [&](std::size_t number, const rd_kafka_AdminOptions_t* options,
                        rd_kafka_queue_t* queue) {
    const std::vector<std::string> names = questions.NamesIn(number);
    std::vector<const char*> texts;
    for (const std::string& name : names) texts.push_back(name.c_str());
    const TopicCollectionPtr collection(
        rd_kafka_TopicCollection_of_topic_names(texts.data(), texts.size()));
    rd_kafka_DescribeTopics(session.handle(), collection.get(), options, queue);
  };
  const auto read = [&](rd_kafka_event_t* event, std::vector<Result<TopicId>>& answers) {
    std::size_t count = 0;
    const auto** described =
        rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(event), &count);
    for (std::size_t i = 0; i < count; ++i) {
      const char* topic = rd_kafka_TopicDescription_name(described[i]);
      const auto place = questions.places.find(topic);
      if (place == questions.places.end()) continue;
      answers[place->second] = ReadId(questions.SubjectOf(topic), described[i]);
    }
  };
  return questions.Ask<TopicId>(RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, deadline, send, read);
}

std::vector<Result<TopicConfig>> DescribeTopicConfigs(AdminSession& session, BrokerId broker,
                                                      std::span<const std::string_view> topics,
                                                      Deadline deadline) {
  TopicQuestions questions(session, broker, topics, "configuration");
  const auto send = [&](std::size_t number, const rd_kafka_AdminOptions_t* options,
                        rd_kafka_queue_t* queue) {
    SendConfigQuestion(session.handle(), questions.NamesIn(number), options, queue);
  };
  const auto read = [&](rd_kafka_event_t* event, std::vector<Result<TopicConfig>>& answers) {
    std::size_t count = 0;
    const auto** resources = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(event), &count);
    for (std::size_t i = 0; i < count; ++i) {
      const char* topic = rd_kafka_ConfigResource_name(resources[i]);
      const auto place = questions.places.find(topic);
      if (place == questions.places.end()) continue;
      answers[place->second] = ReadConfig(questions.SubjectOf(topic), resources[i]);
    }
  };
  return questions.Ask<TopicConfig>(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, deadline, send, read);
}

}  // namespace backlogd::kafka
