#include "deadletters/decode_names.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

namespace backlogd::deadletters {
namespace {

// Ascending by name.
constexpr HeaderMeaning kMeanings[] = {
    {"MT-Fault-ConsumerType", Framework::kMassTransit, Field::kStage},
    {"MT-Fault-ExceptionType", Framework::kMassTransit, Field::kClass},
    {"MT-Fault-InputAddress", Framework::kMassTransit, Field::kTopic},
    {"MT-Fault-Message", Framework::kMassTransit, Field::kMessage},
    {"MT-Fault-RedeliveryCount", Framework::kMassTransit, Field::kNothing},
    {"MT-Fault-RetryCount", Framework::kMassTransit, Field::kRetries},
    {"MT-Fault-StackTrace", Framework::kMassTransit, Field::kTrace},
    {"MT-Fault-Timestamp", Framework::kMassTransit, Field::kDiedAt},
    {"MT-Reason", Framework::kMassTransit, Field::kVerdict},
    {"OriginalTopic", Framework::kBrighter, Field::kTopic, false},
    {"RejectionMessage", Framework::kBrighter, Field::kMessage},
    {"RejectionReason", Framework::kBrighter, Field::kVerdict},
    {"RejectionTimestamp", Framework::kBrighter, Field::kDiedAt},
    {"__connect.errors.class.name", Framework::kConnect, Field::kNothing},
    {"__connect.errors.connector.name", Framework::kConnect, Field::kConnector},
    {"__connect.errors.exception.class.name", Framework::kConnect, Field::kClass},
    {"__connect.errors.exception.message", Framework::kConnect, Field::kMessage},
    {"__connect.errors.exception.stacktrace", Framework::kConnect, Field::kTrace},
    {"__connect.errors.offset", Framework::kConnect, Field::kOffset},
    {"__connect.errors.partition", Framework::kConnect, Field::kPartition},
    {"__connect.errors.stage", Framework::kConnect, Field::kStage},
    {"__connect.errors.task.id", Framework::kConnect, Field::kNothing},
    {"__connect.errors.topic", Framework::kConnect, Field::kTopic},
    {"__dlq.errors.delivery.count", Framework::kShareGroup, Field::kAttempts},
    {"__dlq.errors.group", Framework::kShareGroup, Field::kGroup},
    {"__dlq.errors.message", Framework::kShareGroup, Field::kVerdict},
    {"__dlq.errors.offset", Framework::kShareGroup, Field::kOffset},
    {"__dlq.errors.partition", Framework::kShareGroup, Field::kPartition},
    {"__dlq.errors.topic", Framework::kShareGroup, Field::kTopic},
    {"__rule.exception", Framework::kConfluentRules, Field::kMessage},
    {"__rule.mode", Framework::kConfluentRules, Field::kNothing},
    {"__rule.name", Framework::kConfluentRules, Field::kNothing},
    {"__rule.subject", Framework::kConfluentRules, Field::kNothing},
    {"__rule.topic", Framework::kConfluentRules, Field::kTopic},
    {"__streams.errors.description", Framework::kStreams, Field::kNothing},
    {"__streams.errors.exception", Framework::kStreams, Field::kClass},
    {"__streams.errors.exception.class.name", Framework::kStreams, Field::kClass},
    {"__streams.errors.exception.message", Framework::kStreams, Field::kMessage},
    {"__streams.errors.exception.stack_trace", Framework::kStreams, Field::kTrace},
    {"__streams.errors.message", Framework::kStreams, Field::kMessage},
    {"__streams.errors.offset", Framework::kStreams, Field::kOffset},
    {"__streams.errors.partition", Framework::kStreams, Field::kPartition},
    {"__streams.errors.stacktrace", Framework::kStreams, Field::kTrace},
    {"__streams.errors.topic", Framework::kStreams, Field::kTopic},
    {"_dlq.errors.disposition", Framework::kShareGroup, Field::kVerdict},
    {"_dlq.errors.original.offset", Framework::kShareGroup, Field::kOffset},
    {"_dlq.errors.original.partition", Framework::kShareGroup, Field::kPartition},
    {"_dlq.errors.original.topic", Framework::kShareGroup, Field::kTopic},
    {"attempts", Framework::kWolverine, Field::kAttempts, false},
    {"ce_knativeerrorcode", Framework::kKnative, Field::kVerdict},
    {"ce_knativeerrordata", Framework::kKnative, Field::kNothing},
    {"ce_knativeerrordest", Framework::kKnative, Field::kNothing},
    {"dead-letter-cause", Framework::kSmallRye, Field::kCauseMessage, false},
    {"dead-letter-cause-class-name", Framework::kSmallRye, Field::kCauseClass},
    {"dead-letter-exception-class-name", Framework::kSmallRye, Field::kClass},
    {"dead-letter-offset", Framework::kSmallRye, Field::kOffset, false},
    {"dead-letter-partition", Framework::kSmallRye, Field::kPartition, false},
    {"dead-letter-reason", Framework::kSmallRye, Field::kMessage, false},
    {"dead-letter-topic", Framework::kSmallRye, Field::kTopic, false},
    {"delayed-retry-cause", Framework::kSmallRye, Field::kCauseMessage},
    {"delayed-retry-cause-class-name", Framework::kSmallRye, Field::kCauseClass},
    {"delayed-retry-count", Framework::kSmallRye, Field::kRetries},
    {"delayed-retry-exception-class-name", Framework::kSmallRye, Field::kClass},
    {"delayed-retry-offset", Framework::kSmallRye, Field::kOffset},
    {"delayed-retry-original-timestamp", Framework::kSmallRye, Field::kTimestamp},
    {"delayed-retry-partition", Framework::kSmallRye, Field::kPartition},
    {"delayed-retry-reason", Framework::kSmallRye, Field::kMessage},
    {"delayed-retry-topic", Framework::kSmallRye, Field::kTopic},
    {"deserialization-failure-cause", Framework::kSmallRye, Field::kUnreadable},
    {"deserialization-failure-data", Framework::kSmallRye, Field::kUnreadable},
    {"deserialization-failure-deserializer", Framework::kSmallRye, Field::kUnreadable},
    {"deserialization-failure-dlq", Framework::kSmallRye, Field::kUnreadable},
    {"deserialization-failure-key", Framework::kSmallRye, Field::kUnreadable},
    {"deserialization-failure-key-data", Framework::kSmallRye, Field::kUnreadable},
    {"deserialization-failure-reason", Framework::kSmallRye, Field::kUnreadable},
    {"deserialization-failure-topic", Framework::kSmallRye, Field::kUnreadable},
    {"deserialization-failure-value-data", Framework::kSmallRye, Field::kUnreadable},
    {"exception-message", Framework::kWolverine, Field::kMessage, false},
    {"exception-stack", Framework::kWolverine, Field::kTrace, false},
    {"exception-type", Framework::kWolverine, Field::kClass, false},
    {"failed-at", Framework::kWolverine, Field::kDiedAt, false},
    {"handler_poisoned", Framework::kWatermill, Field::kStage},
    {"kafka_deliveryAttempt", Framework::kSpring, Field::kAttempts, false},
    {"kafka_deliveryAttempt", Framework::kSpringRetryTopics, Field::kAttempts, false},
    {"kafka_dlt-exception-cause-fqcn", Framework::kSpring, Field::kCauseClass},
    {"kafka_dlt-exception-fqcn", Framework::kSpring, Field::kClass},
    {"kafka_dlt-exception-message", Framework::kSpring, Field::kMessage},
    {"kafka_dlt-exception-stacktrace", Framework::kSpring, Field::kTrace},
    {"kafka_dlt-key-exception-fqcn", Framework::kSpring, Field::kKeyClass},
    {"kafka_dlt-key-exception-message", Framework::kSpring, Field::kKeyMessage},
    {"kafka_dlt-key-exception-stacktrace", Framework::kSpring, Field::kKeyTrace},
    {"kafka_dlt-original-consumer-group", Framework::kSpring, Field::kGroup, false},
    {"kafka_dlt-original-consumer-group", Framework::kSpringRetryTopics, Field::kGroup, false},
    {"kafka_dlt-original-offset", Framework::kSpring, Field::kOffset},
    {"kafka_dlt-original-partition", Framework::kSpring, Field::kPartition},
    {"kafka_dlt-original-timestamp", Framework::kSpring, Field::kTimestamp},
    {"kafka_dlt-original-timestamp-type", Framework::kSpring, Field::kNothing},
    {"kafka_dlt-original-topic", Framework::kSpring, Field::kTopic},
    {"kafka_exception-cause-fqcn", Framework::kSpringRetryTopics, Field::kCauseClass},
    {"kafka_exception-fqcn", Framework::kSpringRetryTopics, Field::kClass},
    {"kafka_exception-message", Framework::kSpringRetryTopics, Field::kMessage},
    {"kafka_exception-stacktrace", Framework::kSpringRetryTopics, Field::kTrace},
    {"kafka_key-exception-fqcn", Framework::kSpringRetryTopics, Field::kKeyClass},
    {"kafka_key-exception-message", Framework::kSpringRetryTopics, Field::kKeyMessage},
    {"kafka_key-exception-stacktrace", Framework::kSpringRetryTopics, Field::kKeyTrace},
    {"kafka_original-offset", Framework::kSpringRetryTopics, Field::kOffset},
    {"kafka_original-partition", Framework::kSpringRetryTopics, Field::kPartition},
    {"kafka_original-timestamp", Framework::kSpringRetryTopics, Field::kTimestamp},
    {"kafka_original-timestamp-type", Framework::kSpringRetryTopics, Field::kNothing},
    {"kafka_original-topic", Framework::kSpringRetryTopics, Field::kTopic},
    {"kafka_throwable_class_name", Framework::kLaravel, Field::kClass},
    {"kafka_throwable_code", Framework::kLaravel, Field::kNothing},
    {"kafka_throwable_message", Framework::kLaravel, Field::kMessage},
    {"knativeerrorcode", Framework::kKnative, Field::kVerdict},
    {"knativeerrordata", Framework::kKnative, Field::kNothing},
    {"knativeerrordest", Framework::kKnative, Field::kNothing},
    {"original-attempts", Framework::kKarafka, Field::kAttempts},
    {"original-consumer-group", Framework::kKarafka, Field::kGroup, false},
    {"original-destination", Framework::kWolverine, Field::kTopic},
    {"original-offset", Framework::kKarafka, Field::kOffset, false},
    {"original-offset", Framework::kWolverine, Field::kOffset, false},
    {"original-partition", Framework::kKarafka, Field::kPartition, false},
    {"original-partition", Framework::kWolverine, Field::kPartition, false},
    {"original-topic", Framework::kKarafka, Field::kTopic, false},
    {"original-trace-id", Framework::kKarafka, Field::kNothing, false},
    {"original_attempts", Framework::kKarafka, Field::kAttempts},
    {"original_consumer_group", Framework::kKarafka, Field::kGroup, false},
    {"original_offset", Framework::kKarafka, Field::kOffset, false},
    {"original_partition", Framework::kKarafka, Field::kPartition, false},
    {"original_topic", Framework::kKarafka, Field::kTopic, false},
    {"original_trace_id", Framework::kKarafka, Field::kNothing, false},
    {"reason_poisoned", Framework::kWatermill, Field::kMessage},
    {"retry_topic-attempts", Framework::kSpringRetryTopics, Field::kNextAttempt, false},
    {"retry_topic-backoff-timestamp", Framework::kSpringRetryTopics, Field::kNothing, false},
    {"retry_topic-original-timestamp", Framework::kSpringRetryTopics, Field::kNothing, false},
    {"source_attempts", Framework::kKarafka, Field::kAttempts},
    {"source_consumer_group", Framework::kKarafka, Field::kGroup},
    {"source_offset", Framework::kKarafka, Field::kOffset, false},
    {"source_partition", Framework::kKarafka, Field::kPartition, false},
    {"source_topic", Framework::kKarafka, Field::kTopic, false},
    {"source_trace_id", Framework::kKarafka, Field::kNothing, false},
    {"springDeserializerExceptionKey", Framework::kSpring, Field::kUnreadable, false},
    {"springDeserializerExceptionKey", Framework::kSpringRetryTopics, Field::kUnreadable, false},
    {"springDeserializerExceptionValue", Framework::kSpring, Field::kUnreadable, false},
    {"springDeserializerExceptionValue", Framework::kSpringRetryTopics, Field::kUnreadable, false},
    {"subscriber_poisoned", Framework::kWatermill, Field::kNothing},
    {"topic_poisoned", Framework::kWatermill, Field::kTopic},
    {"wolverine-kafka-retry-attempt", Framework::kWolverine, Field::kAttempts},
    {"wolverine-kafka-retry-exception-message", Framework::kWolverine, Field::kMessage},
    {"wolverine-kafka-retry-exception-type", Framework::kWolverine, Field::kClass},
    {"wolverine-kafka-retry-first-failed", Framework::kWolverine, Field::kNothing},
    {"wolverine-kafka-retry-source", Framework::kWolverine, Field::kTopic},
    {"wolverine-kafka-retry-tier", Framework::kWolverine, Field::kNothing},
    {"x-error-message", Framework::kTrendyol, Field::kMessage, false},
    {"x-exception-fqcn", Framework::kSpringCloudStream, Field::kClass},
    {"x-exception-message", Framework::kSpringCloudStream, Field::kMessage},
    {"x-exception-stacktrace", Framework::kSpringCloudStream, Field::kTrace},
    {"x-failed-attempts", Framework::kSilverback, Field::kAttempts},
    {"x-failure-reason", Framework::kSilverback, Field::kVerdict},
    {"x-original-offset", Framework::kSpringCloudStream, Field::kOffset, false},
    {"x-original-partition", Framework::kSpringCloudStream, Field::kPartition, false},
    {"x-original-timestamp", Framework::kSpringCloudStream, Field::kTimestamp, false},
    {"x-original-timestamp-type", Framework::kSpringCloudStream, Field::kNothing, false},
    {"x-original-topic", Framework::kSpringCloudStream, Field::kTopic, false},
    {"x-produce-time", Framework::kTrendyol, Field::kNothing},
    {"x-retry-attempt-count", Framework::kTrendyol, Field::kAttempts},
    {"x-retry-count", Framework::kTrendyol, Field::kRetries, false},
    {"x-source-consumer-group-id", Framework::kSilverback, Field::kGroup},
    {"x-source-offset", Framework::kSilverback, Field::kOffset, false},
    {"x-source-partition", Framework::kSilverback, Field::kPartition, false},
    {"x-source-timestamp", Framework::kSilverback, Field::kTimestamp, false},
    {"x-source-topic", Framework::kSilverback, Field::kTopic, false},
};
static_assert(std::ranges::is_sorted(kMeanings, {}, &HeaderMeaning::name));

struct Spelling {
  std::string_view words;
  Field field;
};

// Without "x", "dlq", "dlt", "kafka" and "dead letter" before them, words joined by '-'.
constexpr Spelling kSpellings[] = {
    {"attempt-count", Field::kAttempts},
    {"attempts", Field::kAttempts},
    {"consumer-group", Field::kGroup},
    {"delivery-attempt", Field::kAttempts},
    {"delivery-attempts", Field::kAttempts},
    {"delivery-count", Field::kAttempts},
    {"error", Field::kMessage},
    {"error-class", Field::kClass},
    {"error-class-name", Field::kClass},
    {"error-message", Field::kMessage},
    {"error-msg", Field::kMessage},
    {"error-name", Field::kClass},
    {"error-reason", Field::kMessage},
    {"error-stack", Field::kTrace},
    {"error-stack-trace", Field::kTrace},
    {"error-stacktrace", Field::kTrace},
    {"error-timestamp", Field::kDiedAt},
    {"error-type", Field::kClass},
    {"exception", Field::kMessage},
    {"exception-class", Field::kClass},
    {"exception-class-name", Field::kClass},
    {"exception-fqcn", Field::kClass},
    {"exception-message", Field::kMessage},
    {"exception-name", Field::kClass},
    {"exception-stack", Field::kTrace},
    {"exception-stack-trace", Field::kTrace},
    {"exception-stacktrace", Field::kTrace},
    {"exception-type", Field::kClass},
    {"failed-at", Field::kDiedAt},
    {"failure-message", Field::kMessage},
    {"failure-reason", Field::kMessage},
    {"failure-timestamp", Field::kDiedAt},
    {"group", Field::kGroup},
    {"group-id", Field::kGroup},
    {"original-consumer-group", Field::kGroup},
    {"original-offset", Field::kOffset},
    {"original-partition", Field::kPartition},
    {"original-topic", Field::kTopic},
    {"reason", Field::kMessage},
    {"retries", Field::kRetries},
    {"retry-attempts", Field::kRetries},
    {"retry-count", Field::kRetries},
    {"source-offset", Field::kOffset},
    {"source-partition", Field::kPartition},
    {"source-topic", Field::kTopic},
    {"stack", Field::kTrace},
    {"stack-trace", Field::kTrace},
    {"stacktrace", Field::kTrace},
};
static_assert(std::ranges::is_sorted(kSpellings, {}, &Spelling::words));

constexpr std::size_t kLongestSpelling = 48;

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// "X-Error_Message" and "xErrorMessage" as "x-error-message". At most kLongestSpelling bytes.
std::string_view Normalise(std::string_view name, std::array<char, 2 * kLongestSpelling>& words) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool hump = IsUpper(c) && i > 0 && (IsLower(name[i - 1]) || IsDigit(name[i - 1]));
    if (hump) words[size++] = '-';
    const bool letter = IsUpper(c) || IsLower(c) || IsDigit(c);
    words[size++] = IsUpper(c) ? static_cast<char>(c - 'A' + 'a') : letter ? c : '-';
  }
  return std::string_view(words.data(), size);
}

}  // namespace

std::span<const HeaderMeaning> MeaningsOf(std::string_view name) {
  const auto* const first = std::ranges::lower_bound(kMeanings, name, {}, &HeaderMeaning::name);
  const auto* last = first;
  while (last != std::end(kMeanings) && last->name == name) ++last;
  return {first, last};
}

Field HandMadeMeaning(std::string_view name) {
  if (name.empty() || name.size() > kLongestSpelling) return Field::kNothing;
  std::array<char, 2 * kLongestSpelling> buffer;
  std::string_view words = Normalise(name, buffer);
  for (const std::string_view prefix : {"x-", "kafka-", "dlq-", "dlt-", "dead-letter-"}) {
    if (words.starts_with(prefix)) words.remove_prefix(prefix.size());
  }
  const auto* found = std::ranges::lower_bound(kSpellings, words, {}, &Spelling::words);
  return found != std::end(kSpellings) && found->words == words ? found->field : Field::kNothing;
}

}  // namespace backlogd::deadletters
