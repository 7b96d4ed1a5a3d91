#include "deadletters/handling.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace backlogd::deadletters {
namespace {

DeadLetterQueue Queue(std::string topic, std::string source, std::string handling_group = "") {
  return {std::move(topic), std::move(source), "", Convention::kGeneric, std::move(handling_group)};
}

TEST(Handles, DoesNotTakeSpringsOwnListenersForHandling) {
  struct {
    DeadLetterQueue queue;
    std::string_view group;
    bool handles;
  } const cases[] = {
      {Queue("shipments-dlt", "shipments"), "warehouse-dlt", false},
      {Queue("shipments-unreadable-dlt", "shipments"), "warehouse-unreadable-dlt", false},
      {Queue("shipments-unreadable-dlt", ""), "warehouse-unreadable-dlt", false},
      {Queue("invoices.DLT", "invoices"), "accounting.DLT", false},
      {Queue("invoices.DLT", ""), "accounting.DLT", false},
      {Queue("invoices_dlt", "invoices"), "accounting_dlt", false},
      {Queue("invoices-DLT", "invoices"), "accounting-DLT", false},
      {Queue("shipments-dlt", "shipments"), "shipments-dlt", false},
      // other endings, other groups
      {Queue("shipments-unreadable-dlt", "shipments"), "warehouse-dlt", true},
      {Queue("invoices.DLT", "invoices"), "accounting-dlt", true},
      {Queue("invoices.DLT", "invoices"), "accounting.dlt", true},
      {Queue("shipments-dlt", "shipments"), "-dlt", true},
      {Queue("shipments-dlt", "shipments"), "warehouse-dlt-redeliver", true},
      {Queue("shipments-dlt", "shipments"), "warehouse", true},
      {Queue("shipments-dlt", "shipments"), "warehouse-retry-200", true},
      {Queue("shipments-dlq", "shipments"), "warehouse-dlq", true},
      {Queue("dlt", ""), "dlt", true},
      {Queue("adlt", ""), "adlt", true},
      {Queue("-dlt", ""), "a-dlt", true},
      {Queue("", ""), "", true},
  };
  for (const auto& [queue, group, handles] : cases) {
    EXPECT_EQ(Handles(group, queue), handles) << group << " on " << queue.topic;
    EXPECT_EQ(OnlyLooks(group, queue), !handles) << group << " on " << queue.topic;
  }
}

TEST(Handles, DoesNotTakeALookWithKafkasConsoleForHandling) {
  const DeadLetterQueue queue = Queue("orders-dlq", "orders");
  EXPECT_FALSE(Handles("console-consumer-48291", queue));
  EXPECT_TRUE(Handles("console-consumer-", queue));
  EXPECT_TRUE(Handles("console-consumer-48291x", queue));
  EXPECT_TRUE(Handles("my-console-consumer-48291", queue));
}

TEST(Handles, CountsTheConfiguredGroupAndNoOther) {
  const DeadLetterQueue queue = Queue("shipments-dlt", "shipments", "warehouse-dlt");
  EXPECT_TRUE(Handles("warehouse-dlt", queue));
  EXPECT_TRUE(OnlyLooks("warehouse-dlt", queue));
  EXPECT_FALSE(Handles("janitor", queue));
  EXPECT_FALSE(Handles("", queue));
}

TEST(Handles, CountsOurOwnGroupAlways) {
  EXPECT_EQ(OwnHandlingGroup("orders-dlq"), "backlogd-dlq.orders-dlq");
  EXPECT_TRUE(Handles("backlogd-dlq.orders-dlq", Queue("orders-dlq", "", "janitor")));
  EXPECT_TRUE(Handles("backlogd-dlq.orders-dlt", Queue("orders-dlt", "")));
  EXPECT_TRUE(Handles("backlogd-dlq.orders-dlt", Queue("orders-dlt", "orders")));
  EXPECT_FALSE(Handles("backlogd-dlq.other", Queue("orders-dlq", "", "janitor")));
}

}  // namespace
}  // namespace backlogd::deadletters
