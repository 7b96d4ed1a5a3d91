#include "deadletters/conventions.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace backlogd::deadletters {
namespace {

struct Case {
  std::string_view topic;
  std::string_view convention;
  std::string_view subject;
};

// Names that say by themselves what they are. The convention and the subject are those of the first
// reading.
constexpr Case kDeadLetterQueues[] = {
    // Spring Kafka
    {"orders-dlt", "spring", "orders"},
    {"orders.DLT", "spring", "orders"},
    {"orders.dlt", "spring", "orders"},
    {"Orders-DLT", "spring", "Orders"},
    {"shipments-unreadable-dlt", "spring", "shipments-unreadable"},
    {"my-annotated-topic-deserialization-dlt", "spring", "my-annotated-topic-deserialization"},
    {"orders-listener1-dlt", "spring", "orders-listener1"},
    {"orders-retry-dlt", "spring", "orders-retry"},
    {"orders-dlt-dlt", "spring", "orders-dlt"},
    {"orders.DLT-dlt", "spring", "orders.DLT"},
    {"shop.orders.v1-dlt", "spring", "shop.orders.v1"},
    {"orders_dlt", "generic", "orders"},
    // SmallRye, Kafka Connect, Uber, and names that are always the same
    {"dead-letter-topic-counts", "quarkus", "counts"},
    {"dead-letter-topic-orders-in", "quarkus", "orders-in"},
    {"DEAD-LETTER-TOPIC-x", "quarkus", "x"},
    {"dlq-lcc-7xq2p", "connect", "lcc-7xq2p"},
    {"orders__billing__dlq", "uber", "orders__billing"},
    {"orders__billing__DLQ", "uber", "orders__billing"},
    {"orders__billing__2__dlq", "uber", "orders__billing"},
    {"wolverine-dead-letter-queue", "wolverine", ""},
    {"nakadi.dead.letter.queue", "nakadi", ""},
    // A word of many, behind
    {"orders-dlq", "generic", "orders"},
    {"orders.DLQ", "generic", "orders"},
    {"orders_dlq", "generic", "orders"},
    {"ORDERS_DLQ", "generic", "ORDERS"},
    {"orders-dlqs", "generic", "orders"},
    {"orders__dlq", "generic", "orders"},
    {"fraud-scorer-dlq", "generic", "fraud-scorer"},
    {"sample_consumer_dlq", "generic", "sample_consumer"},
    {"orders-dlq-dlq", "generic", "orders-dlq"},
    {"orders-retry-5m-dlq", "generic", "orders-retry-5m"},
    {"orders.dead.letter", "generic", "orders"},
    {"orders-dead-letter", "generic", "orders"},
    {"orders-dead-letters", "generic", "orders"},
    {"session-builder-dead-letters", "generic", "session-builder"},
    {"main_deadletter", "generic", "main"},
    {"orders-deadletters", "generic", "orders"},
    {"orders-dead-letter-queue", "generic", "orders"},
    {"orders-dead-letter-topic", "generic", "orders"},
    {"orders.DeadLetterQueue", "generic", "orders"},
    {"orders_dead_letter_topic", "generic", "orders"},
    {"orders-dlq-topic", "generic", "orders"},
    {"orders.dlt.topic", "generic", "orders"},
    {"orders-dlq-v2", "generic", "orders"},
    {"orders.dlq.1", "generic", "orders"},
    {"mails-poison-queue", "generic", "mails"},
    {"ordersDLQ", "generic", "orders"},
    {"ordersDlq", "generic", "orders"},
    {"ordersDeadLetter", "generic", "orders"},
    {"ordersDeadLetterQueue", "generic", "orders"},
    {"Invoice2Dlt", "generic", "Invoice2"},
    // In front
    {"dlq.billing", "generic", "billing"},
    {"dlq-stock-sink", "generic", "stock-sink"},
    {"DLQ-orders", "generic", "orders"},
    {"dlq_orders", "generic", "orders"},
    {"dlt-orders", "generic", "orders"},
    {"dead-letter-orders", "generic", "orders"},
    {"dead.letters.orders", "generic", "orders"},
    {"deadletter.orders", "generic", "orders"},
    {"dead_letter_queue_orders", "generic", "orders"},
    {"dlq-topic-orders", "generic", "orders"},
    {"dlq-dlq-orders", "generic", "dlq-orders"},
    // Alone
    {"dlq", "generic", ""},
    {"DLT", "generic", ""},
    {"dlqs", "generic", ""},
    {"dead-letters", "generic", ""},
    {"deadletters", "generic", ""},
    {"dead-letter-queue", "generic", ""},
    {"dead_letter_topic", "generic", ""},
    {"DeadLetterQueue", "generic", ""},
    {"dead_messages", "generic", ""},
    {"poisonMessages", "generic", ""},
    {"poison_queue", "generic", ""},
    {"poison", "generic", ""},
};

// Names that are no dead-letter queue, whatever else the cluster has.
constexpr std::string_view kOtherTopics[] = {
    "",
    "orders",
    "handler_error",
    "page_skipped",
    "error",
    "errors",
    "errors.orders.billing",
    "orders-error",
    "orders.errors",
    "orders_error_log",
    "connect-errors",
    "deadlines",
    "my.deadline.letters",
    "deadline-letters",
    "deadlock-events",
    "dead-stock",
    "undead-letters",
    "dead",
    "letters",
    "love-letters",
    "adlquery",
    "dlqx",
    "xdlq",
    "ADLQ",
    "ordersdlq",
    "middletown",
    "handleTimeout",
    "poisoning-info",
    "poisons",
    "rat.poisons",
    "non-fatal",
    "fatal-errors",
    "retry-policy",
    "parking-lots-v1",
    "parkinglot",
    "connect-configs",
    "connect-offsets",
    "connect-status",
    "_schemas",
    "mm2-offset-syncs.west.internal",
    "returns_retry_300",
    "payments-failed",
    "quarantine",
    "graveyard",
    "undelivered",
};

// What may or may not be one: only the other names of the cluster can tell.
constexpr Case kAmbiguous[] = {
    {"error.tickets.support", "spring-cloud-stream", "tickets.support"},
    {"error.log.app", "spring-cloud-stream", "log.app"},
    {"error-stock-sink", "connect", "stock-sink"},
    {"error-logs", "connect", "logs"},
    {"mails-poison", "generic", "mails"},
    {"rat.poison", "generic", "rat"},
    {"downtown-parking-lot", "generic", "downtown"},
    {"orders.parkinglot", "generic", "orders"},
    {"eu.dlq.orders", "generic", "eu"},
    {"orders-dlq-alerts", "generic", "orders"},
    {"orders-dlt-eu", "generic", "orders"},
    {"orders-dlq-archive", "generic", "orders"},
    {"nakadi.dead.letter.redrive", "generic", "nakadi"},
};

TEST(ReadName, KnowsWhatADeadLetterQueueIsCalled) {
  for (const Case& expected : kDeadLetterQueues) {
    const std::vector<NameReading> readings = ReadName(expected.topic, false);
    ASSERT_FALSE(readings.empty()) << expected.topic;
    EXPECT_EQ(ToText(readings[0].convention), expected.convention) << expected.topic;
    EXPECT_EQ(readings[0].subject, expected.subject) << expected.topic;
    bool certain = false;
    for (const NameReading& reading : readings) certain = certain || !reading.needs_origin;
    EXPECT_TRUE(certain) << expected.topic;
  }
}

TEST(ReadName, LeavesOtherTopicsAlone) {
  for (const std::string_view topic : kOtherTopics) {
    const std::vector<NameReading> readings = ReadName(topic, false);
    EXPECT_TRUE(readings.empty()) << topic << ": " << ToText(readings[0].convention);
  }
}

TEST(ReadName, AsksForAnOriginWhereTheNameMeansManyThings) {
  for (const Case& expected : kAmbiguous) {
    const std::vector<NameReading> readings = ReadName(expected.topic, false);
    ASSERT_FALSE(readings.empty()) << expected.topic;
    EXPECT_EQ(ToText(readings[0].convention), expected.convention) << expected.topic;
    EXPECT_EQ(readings[0].subject, expected.subject) << expected.topic;
    for (const NameReading& reading : readings) EXPECT_TRUE(reading.needs_origin) << expected.topic;
  }
}

TEST(ReadName, TakesMassTransitsEndingsOnlyIfToldTo) {
  for (const std::string_view topic : {"submit-order_error", "submit-order_skipped"}) {
    EXPECT_TRUE(ReadName(topic, false).empty()) << topic;
    const std::vector<NameReading> readings = ReadName(topic, true);
    ASSERT_EQ(readings.size(), 1U) << topic;
    EXPECT_EQ(ToText(readings[0].convention), "masstransit");
    EXPECT_EQ(readings[0].subject, "submit-order");
  }
  EXPECT_TRUE(ReadName("orders-error", true).empty());
}

TEST(ReadName, SeesTheWordInTheMiddle) {
  const std::vector<NameReading> readings = ReadName("eu.dlq.orders", false);
  ASSERT_EQ(readings.size(), 1U);
  EXPECT_EQ(readings[0].kind, Subject::kTopicAround);
  EXPECT_EQ(readings[0].separator, ".");
  EXPECT_EQ(readings[0].rest, "orders");
}

TEST(RetriedName, TellsRetryTopicsApart) {
  struct {
    std::string_view topic;
    std::string_view retried;
  } const cases[] = {
      {"orders-retry", "orders"},
      {"orders-retry-0", "orders"},
      {"orders-retry-1000", "orders"},
      {"orders-retry-16000-12", "orders"},
      {"invoices.RETRY", "invoices"},
      {"returns_retry_300", "returns"},
      {"orders.retry.30s", "orders"},
      {"orders.retry.5m", "orders"},
      {"orders.retry.1h", "orders"},
      {"orders-retries", "orders"},
      {"orders__billing__retry", "orders__billing"},
      {"orders__billing__2__retry", "orders__billing"},
      {"orders__billing__resq", "orders__billing"},
      {"orders-dlq-retry", "orders-dlq"},
      {"orders-dlt-retry-0", "orders-dlt"},
      {"orders-dlq-retry-topic", "orders-dlq"},
      {"orders-retry-topic-2", "orders"},
      {"dlq-retry", "dlq"},
      {"dlq-redrive", "dlq"},
      {"orders-dlq-reprocessing", "orders-dlq"},
      {"nakadi.dead.letter.redrive", "nakadi.dead.letter"},
  };
  for (const auto& [topic, retried] : cases) {
    const auto found = RetriedName(topic);
    ASSERT_TRUE(found.has_value()) << topic;
    EXPECT_EQ(*found, retried) << topic;
  }
}

TEST(RetriedName, IsAbsentForOtherTopics) {
  for (const std::string_view topic :
       {"", "orders", "retry", "-retry", "retry-policy", "orders-retry-dlt", "orders-retryable",
        "orders-retry-1000-2000-3000", "orders-retry-5d", "telemetry", "orders-dlq"}) {
    EXPECT_FALSE(RetriedName(topic).has_value()) << topic;
  }
}

TEST(IsInternalName, KnowsKafkasOwnTopics) {
  for (const std::string_view topic :
       {"__consumer_offsets", "__transaction_state", "__dlq", "__orders__billing__dlq",
        "dlq-monitor-KSTREAM-AGGREGATE-STATE-STORE-0000000003-changelog",
        "dlq-monitor-counts-repartition",
        "dlq-join-KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-0000000005-topic",
        "dlq-join-orders-subscription-response-topic"}) {
    EXPECT_TRUE(IsInternalName(topic)) << topic;
  }
  for (const std::string_view topic :
       {"", "_schemas", "orders__billing__dlq", "orders-dlq", "changelog", "orders-changelog-dlq",
        "dlq-subscription-topic"}) {
    EXPECT_FALSE(IsInternalName(topic)) << topic;
  }
}

}  // namespace
}  // namespace backlogd::deadletters
