#include "deadletters/redelivery.h"

#include <gtest/gtest.h>

#include "deadletters/decode.h"
#include "deadletters/record_builder.h"

namespace backlogd::deadletters {
namespace {

struct RoleCase {
  const char* header;
  Framework of_record;
  HeaderRole expected;
};

TEST(Redelivery, KnowsWhichHeadersWouldMakeTheNextFailureFinal) {
  using F = Framework;
  using R = HeaderRole;
  const RoleCase cases[] = {
      {"retry_topic-attempts", F::kSpringRetryTopics, R::kRetryState},
      {"retry_topic-attempts", F::kNone, R::kRetryState},
      {"retry_topic-original-timestamp", F::kSpringRetryTopics, R::kRetryState},
      {"retry_topic-backoff-timestamp", F::kSpringRetryTopics, R::kRetryState},
      {"kafka_deliveryAttempt", F::kSpring, R::kRetryState},
      {"delayed-retry-count", F::kSmallRye, R::kRetryState},
      {"delayed-retry-first-processing-timestamp", F::kSmallRye, R::kRetryState},
      {"delayed-retry-topic", F::kSmallRye, R::kRetryState},
      {"wolverine-kafka-retry-tier", F::kWolverine, R::kRetryState},
      {"attempts", F::kWolverine, R::kRetryState},
      {"attempts", F::kSpring, R::kOwn},
      {"attempts", F::kNone, R::kOwn},
      {"x-retry-count", F::kNone, R::kRetryState},
      {"x-retry-attempt-count", F::kTrendyol, R::kRetryState},
      {"x-failed-attempts", F::kSilverback, R::kRetryState},
      {"source_attempts", F::kKarafka, R::kRetryState},
      {"original_attempts", F::kKarafka, R::kRetryState},
      {"MT-Fault-RetryCount", F::kMassTransit, R::kRetryState},
      {"MT-Fault-RedeliveryCount", F::kMassTransit, R::kRetryState},
      {"HandledCount", F::kBrighter, R::kRetryState},
      {"__dlq.errors.delivery.count", F::kShareGroup, R::kRetryState},
      {"dlq-attempts", F::kHandMade, R::kRetryState},
      {"dlq.retry.count", F::kHandMade, R::kRetryState},
      {"dlq-reason", F::kHandMade, R::kDeath},
      {"dlq-reason", F::kConnect, R::kOwn},
      {"kafka_dlt-exception-message", F::kSpring, R::kDeath},
      {"kafka_dlt-original-topic", F::kConnect, R::kDeath},
      {"__connect.errors.stage", F::kConnect, R::kDeath},
      {"__streams.errors.topic", F::kStreams, R::kDeath},
      {"dead-letter-reason", F::kSmallRye, R::kDeath},
      {"OriginalTopic", F::kSpring, R::kOwn},
      {"traceparent", F::kSpring, R::kOwn},
      {"__TypeId__", F::kSpring, R::kOwn},
      {"", F::kSpring, R::kOwn},
      {"backlogd-dlq-redeliveries", F::kNone, R::kRedelivery},
      {"backlogd-dlq-offset", F::kSpring, R::kRedelivery},
      {"backlogd-dlq-note", F::kSpring, R::kOwn},
  };
  for (const RoleCase& expected : cases) {
    EXPECT_EQ(RoleOf(expected.header, expected.of_record), expected.expected)
        << expected.header << " of " << ToText(expected.of_record);
  }
}

TEST(Redelivery, CountsTheMostThatAnyHeaderTells) {
  const auto count = [](std::initializer_list<std::optional<std::string>> values) {
    RecordBuilder record;
    for (const auto& value : values) record.With(std::string(kRedeliveriesHeader), value);
    return CountRedeliveries(record.View().headers);
  };
  EXPECT_EQ(count({}), 0U);
  EXPECT_EQ(count({"2"}), 2U);
  EXPECT_EQ(count({"2", "5", "1"}), 5U);
  EXPECT_EQ(count({std::nullopt, "x", "-3", ""}), 0U);
  EXPECT_EQ(count({"99999999999"}), 1'000'000U);
}

TEST(Redelivery, FindsLettersWithoutContent) {
  RecordBuilder share("dlq.billing");
  share.With("__dlq.errors.topic", "orders").With("__dlq.errors.offset", "7");
  const DeadLetter of_share = Decode(share.View());
  EXPECT_TRUE(HasNoContent(of_share, true, true));
  EXPECT_FALSE(HasNoContent(of_share, false, true));

  RecordBuilder punctuator("app-dlq");
  punctuator.With("__streams.errors.exception", "java.lang.Exception")
      .With("__streams.errors.topic", std::nullopt)
      .With("__streams.errors.offset", "-1");
  EXPECT_TRUE(HasNoContent(Decode(punctuator.View()), true, true));

  RecordBuilder tombstone;
  tombstone.With("kafka_dlt-original-topic", "orders");
  EXPECT_FALSE(HasNoContent(Decode(tombstone.View()), true, true));
}

}  // namespace
}  // namespace backlogd::deadletters
