#include "deadletters/discovery.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace backlogd::deadletters {

void PrintTo(const DeadLetterQueue& queue, std::ostream* out) {
  *out << queue.topic << " of '" << queue.source_topic << "', group '" << queue.group << "', "
       << ToText(queue.convention) << ", handled by '" << queue.handling_group << "'";
}

namespace {

std::vector<DeadLetterQueue> Discover(ClusterNames names, const DiscoverySettings& settings = {}) {
  return Discovery(settings).Discover(std::move(names));
}

// A cluster as a company has it.
ClusterNames Shop() {
  return {.topics = {"orders",
                     "orders.created",
                     "orders-created",
                     "payments",
                     "tickets",
                     "stock-events",
                     "audit",
                     "clicks",
                     "taps",
                     "taps-eu",
                     "returns",
                     "counts",
                     "mails",
                     "visits",
                     "eu.orders",
                     "invoices",
                     "invoices-retry",
                     "shipments",
                     "shipments-retry-200",
                     "orders__v2",
                     "fraud-scorer-per-card-repartition",
                     "error",
                     "dlq-catalog",
                     "error-events",
                     "wolverine",
                     "letters"},
          .groups = {{"billing", false, {"orders", "payments"}},
                     {"support", false, {"tickets"}},
                     {"v1.support", false, {"tickets"}},
                     {"connect-stock-sink", false, {"stock-events"}},
                     {"connect-audit-sink", false, {"audit", "dlq-audit-sink"}},
                     {"connect-payments-retry", false, {"payments"}},
                     {"connect-crm", false, {"orders", "payments"}},
                     {"connect-lcc-7xq2p", false, {"clicks"}},
                     {"fraud-scorer",
                      false,
                      {"clicks", "fraud-scorer-per-card-repartition", "fraud-scorer-dlq"}},
                     {"session-builder", false, {"visits", "visits-gone"}},
                     {"accounting", false, {"invoices", "invoices-retry"}},
                     {"idle", false, {}},
                     {"log-shipper", false, {"error-events"}},
                     {"couriers", true, {"shipments"}},
                     {"payments", false, {"payments"}}},
          .marked = {}};
}

DeadLetterQueue Expected(std::string_view topic, std::string_view source, std::string_view group,
                         Convention convention, std::string_view handling_group = "") {
  return {std::string(topic), std::string(source), std::string(group), convention,
          std::string(handling_group)};
}

// The judgement of one more topic in the shop; what it has already is not reported.
std::vector<DeadLetterQueue> DiscoverInShop(std::string_view topic,
                                            const DiscoverySettings& settings = {}) {
  ClusterNames names = Shop();
  names.topics.push_back(topic);
  std::vector<DeadLetterQueue> queues = Discover(names, settings);
  std::erase_if(queues, [topic](const DeadLetterQueue& queue) { return queue.topic != topic; });
  return queues;
}

TEST(Discovery, SaysWhatAQueueBelongsTo) {
  struct {
    std::string_view topic;
    std::string_view source;
    std::string_view group;
    Convention convention;
  } const cases[] = {
      // the name of a topic as it stands
      {"orders-dlt", "orders", "", Convention::kSpring},
      {"orders.DLT", "orders", "", Convention::kSpring},
      {"orders.created.DLQ", "orders.created", "", Convention::kGeneric},
      {"orders-created-dlt", "orders-created", "", Convention::kSpring},
      {"dead-letter-topic-counts", "counts", "", Convention::kQuarkus},
      {"dlq.orders.created", "orders.created", "", Convention::kGeneric},
      {"returns-dlq", "returns", "", Convention::kGeneric},
      {"mails-poison", "mails", "", Convention::kGeneric},
      {"payments-dlq", "payments", "", Convention::kGeneric},  // a topic before a group
      {"taps-dlq-eu", "taps-eu", "", Convention::kGeneric},
      {"eu.dlq.orders", "eu.orders", "", Convention::kGeneric},
      {"mailsDLQ", "mails", "", Convention::kGeneric},
      {"orders-dlq-v2", "orders", "", Convention::kGeneric},
      {"invoices-retry-dlt", "invoices-retry", "", Convention::kSpring},
      // the longest topic that the name begins with
      {"orders-unreadable-dlt", "orders", "", Convention::kSpring},
      {"orders-created-listener1-dlt", "orders-created", "", Convention::kSpring},
      {"orders-created-by-phone-in-2026-dlt", "orders-created", "", Convention::kSpring},
      {"orders.created.v2.DLT", "orders.created", "", Convention::kSpring},
      {"shipments-retry-200-dlt", "shipments-retry-200", "", Convention::kSpring},
      {"ordersX-dlt", "", "", Convention::kSpring},
      {"dlq-stock-sink2", "", "", Convention::kGeneric},
      {"Orders-dlt", "", "", Convention::kSpring},  // Kafka's names have case
      // a topic and a group
      {"error.tickets.support", "tickets", "support", Convention::kSpringCloudStream},
      {"error.tickets.v1.support", "tickets", "v1.support", Convention::kSpringCloudStream},
      {"error.orders.created.billing", "orders.created", "billing", Convention::kSpringCloudStream},
      {"error.orders.created.gone", "orders.created", "", Convention::kSpringCloudStream},
      {"error.gone.v1.support", "", "v1.support", Convention::kSpringCloudStream},
      {"error.gone.billing", "", "billing", Convention::kSpringCloudStream},
      {"orders__billing__dlq", "orders", "billing", Convention::kUber},
      {"orders__v2__billing__dlq", "orders__v2", "billing", Convention::kUber},
      {"orders__gone__dlq", "orders", "", Convention::kUber},
      {"gone__billing__dlq", "", "billing", Convention::kUber},
      {"gone__too__dlq", "", "", Convention::kUber},
      // a group, and what it reads
      {"support-dlq", "tickets", "support", Convention::kGeneric},
      {"billing-dlq", "", "billing", Convention::kGeneric},  // two topics
      {"log-shipper-dlq", "error-events", "log-shipper", Convention::kGeneric},
      {"idle-dlq", "", "idle", Convention::kGeneric},
      {"fraud-scorer-dlq", "clicks", "fraud-scorer", Convention::kGeneric},
      {"session-builder-dead-letters", "visits", "session-builder", Convention::kGeneric},
      {"accounting-dlq", "invoices", "accounting", Convention::kGeneric},
      {"couriers-dlq", "shipments", "couriers", Convention::kShare},
      {"dlq.couriers", "shipments", "couriers", Convention::kShare},
      // a connector
      {"dlq-stock-sink", "stock-events", "connect-stock-sink", Convention::kConnect},
      {"dlq-audit-sink", "audit", "connect-audit-sink", Convention::kConnect},
      {"stock-sink-dlq", "stock-events", "connect-stock-sink", Convention::kConnect},
      {"dlq-crm", "", "connect-crm", Convention::kConnect},
      {"error-stock-sink", "stock-events", "connect-stock-sink", Convention::kConnect},
      {"dlq-lcc-7xq2p", "clicks", "connect-lcc-7xq2p", Convention::kConnect},
      {"dlq-lcc-00000", "", "", Convention::kConnect},
      {"dlq-payments-retry", "payments", "connect-payments-retry", Convention::kConnect},
      // a dead-letter queue's own
      {"dlq-catalog-dlq", "dlq-catalog", "", Convention::kGeneric},
      {"dlq-catalog.DLT", "dlq-catalog", "", Convention::kSpring},
      // nobody's
      {"dead-letters", "", "", Convention::kGeneric},
      {"wolverine-dead-letter-queue", "", "", Convention::kWolverine},
      {"nakadi.dead.letter.queue", "", "", Convention::kNakadi},
      {"gone-dlq", "", "", Convention::kGeneric},
  };
  for (const auto& [topic, source, group, convention] : cases) {
    EXPECT_EQ(DiscoverInShop(topic), std::vector{Expected(topic, source, group, convention)});
  }
}

TEST(Discovery, TakesNoOtherTopicForAQueue) {
  for (const std::string_view topic :
       {"orders", "handler_error", "orders-error", "deadlines", "adlquery", "poisoning-info",
        "non-fatal", "error-logs", "retry-policy", "dlqx", "my.deadline.letters", "error.log.app",
        "rat.poison", "downtown-parking-lot", "orders-dlq-alerts", "connect-errors", "error-gone",
        "error.billing", "nakadi.dead.letter.redrive",
        // retry topics
        "orders-retry-0", "orders-dlq-retry", "dlq-catalog-retry", "dlq-catalog-retry-1000",
        "dlq-retry", "orders__billing__retry", "orders__billing__2__retry", "orders__billing__resq",
        "dlq-gone-retry", "invoices-dlt-retry", "error.tickets.support-retry",
        // Kafka's own
        "__dlq", "__orders__billing__dlq", "dlq-monitor-counts-changelog",
        "dlq-monitor-counts-repartition"}) {
    EXPECT_EQ(DiscoverInShop(topic), std::vector<DeadLetterQueue>()) << topic;
  }
}

TEST(Discovery, PrefersTheNameThatStandsForATopicAsItIs) {
  const ClusterNames names{
      .topics = {"orders", "dlq.orders", "dlq.orders.dlq", "error.orders.billing",
                 "error.orders.billing.dlt", "orders-retry", "dlq-orders-retry"},
      .groups = {{"billing", false, {"orders"}}, {"billing.dlt", false, {}}},
      .marked = {}};
  EXPECT_EQ(
      Discover(names),
      (std::vector{
          Expected("dlq-orders-retry", "orders-retry", "", Convention::kGeneric),
          Expected("dlq.orders", "orders", "", Convention::kGeneric),
          Expected("dlq.orders.dlq", "dlq.orders", "", Convention::kGeneric),
          Expected("error.orders.billing", "orders", "billing", Convention::kSpringCloudStream),
          Expected("error.orders.billing.dlt", "error.orders.billing", "", Convention::kSpring)}));
}

TEST(Discovery, TakesTheRetryTopicOfAQueueForNoQueue) {
  EXPECT_EQ(Discover({.topics = {"orders-retry", "dlq-orders", "dlq-orders-retry"}}),
            std::vector{Expected("dlq-orders", "", "", Convention::kGeneric)});
  EXPECT_EQ(Discover({.topics = {"orders-retry", "dlq-orders-retry"}}),
            std::vector{Expected("dlq-orders-retry", "orders-retry", "", Convention::kGeneric)});
  EXPECT_TRUE(Discover({.topics = {"orders-retry", "orders-dlq-retry"}}).empty());
}

TEST(Discovery, BelievesKafkasMarkBeforeAnyName) {
  ClusterNames names = Shop();
  names.topics.insert(names.topics.end(), {"graveyard", "dlq.couriers", "dlq.payments",
                                           "dlq.orders", "orders-retry", "eu.couriers-dlt"});
  names.marked = {"graveyard",    "dlq.couriers",    "dlq.payments", "dlq.orders",
                  "orders-retry", "eu.couriers-dlt", "__own-dlq",    "gone-dlq"};
  const auto share = [](std::string_view topic, std::string_view source, std::string_view group) {
    return Expected(topic, source, group, Convention::kShare);
  };
  std::vector<DeadLetterQueue> queues = Discover(names, {.by_name = false});
  EXPECT_EQ(queues,
            (std::vector{
                share("dlq.couriers", "shipments", "couriers"), share("dlq.orders", "orders", ""),
                share("dlq.payments", "payments", "payments"), share("eu.couriers-dlt", "", ""),
                share("graveyard", "", ""), share("orders-retry", "", "")}));
}

TEST(Discovery, BelievesTheOperatorBeforeEverything) {
  const auto configured = [](std::string_view topic, std::string_view source,
                             std::string_view group, std::string_view handling = "") {
    return Expected(topic, source, group, Convention::kConfigured, handling);
  };
  struct {
    ConfiguredQueue queue;
    std::string_view topic;
    DeadLetterQueue expected;
  } const cases[] = {
      {{"connect-errors", "customers", "connect-crm-sink", ""},
       "connect-errors",
       configured("connect-errors", "customers", "connect-crm-sink")},
      {{"connect-errors", "", "connect-stock-sink", "janitor"},
       "connect-errors",
       configured("connect-errors", "stock-events", "connect-stock-sink", "janitor")},
      {{"(.+)-graveyard", R"(\1.created)", R"(\1-reader)", R"(\1-sweeper)"},
       "orders-graveyard",
       configured("orders-graveyard", "orders.created", "orders-reader", "orders-sweeper")},
      {{"(.+)-graveyard", "", "", ""},
       "orders-graveyard",
       configured("orders-graveyard", "orders", "")},
      {{"(?:.+)-graveyard", "", "", ""},
       "orders-graveyard",
       configured("orders-graveyard", "", "")},
      {{"(.+)-graveyard", "", "", ""},
       "stock-sink-graveyard",
       configured("stock-sink-graveyard", "stock-events", "connect-stock-sink")},
      {{"orders-dlt", "", "", "janitor"},
       "orders-dlt",
       configured("orders-dlt", "orders", "", "janitor")},
      {{"orders-retry", "orders", "", ""},
       "orders-retry",
       configured("orders-retry", "orders", "")},
      {{"submit_error", "", "", ""}, "submit_error", configured("submit_error", "", "")},
  };
  for (const auto& [queue, topic, expected] : cases) {
    EXPECT_EQ(DiscoverInShop(topic, {.queues = {queue}}), std::vector{expected});
  }
}

TEST(Discovery, TakesTheFirstConfiguredQueueThatMatchesTheWholeName) {
  const DiscoverySettings settings{
      .queues = {{"graveyard", "a", "", ""}, {".*graveyard", "b", "", ""}, {".*", "c", "", ""}}};
  const auto configured = [](std::string_view topic, std::string_view source) {
    return Expected(topic, source, "", Convention::kConfigured);
  };
  EXPECT_EQ(Discover({.topics = {"graveyard", "my-graveyard", "graveyard-1", "__x"}}, settings),
            (std::vector{configured("graveyard", "a"), configured("graveyard-1", "c"),
                         configured("my-graveyard", "b")}));
}

TEST(Discovery, LeavesOutWhatIsExcluded) {
  const ClusterNames names{.topics = {"a-dlq", "b-dlq", "b-dlq-old", "c-dlq"},
                           .groups = {},
                           .marked = {"b-dlq", "b-dlq-old"}};
  const DiscoverySettings settings{.queues = {{"c-dlq", "c", "", ""}}, .exclude = {"b-dlq", "c.*"}};
  EXPECT_EQ(Discover(names, settings),
            (std::vector{Expected("a-dlq", "", "", Convention::kGeneric),
                         Expected("b-dlq-old", "", "", Convention::kShare)}));
}

TEST(Discovery, FindsMassTransitsQueuesIfToldTo) {
  EXPECT_EQ(DiscoverInShop("orders_error", {.masstransit = true}),
            std::vector{Expected("orders_error", "orders", "", Convention::kMassTransit)});
  EXPECT_TRUE(DiscoverInShop("orders_error").empty());
}

TEST(Discovery, SurvivesSettingsThatNobodyChecked) {
  const DiscoverySettings settings{
      .queues = {{"(", "a", "", ""}, {"x-dlq", R"(\7)", R"(\x)", "\\"}}, .exclude = {"["}};
  EXPECT_EQ(Discover({.topics = {"x-dlq"}}, settings),
            std::vector{Expected("x-dlq", "", "", Convention::kConfigured)});
}

TEST(Discovery, FindsNothingInAnEmptyCluster) { EXPECT_TRUE(Discover({}).empty()); }

}  // namespace
}  // namespace backlogd::deadletters
