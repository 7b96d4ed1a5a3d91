#include <gtest/gtest.h>

#include <algorithm>

#include "dlq/fixture.h"

namespace backlogd::dlq {
namespace {

TEST(Show, SetsOutARecordForReview) {
  FakeCluster cluster;
  FakeRecord letter = LetterOf(R"({"article":7})");
  letter.headers.emplace_back("evil", "\x1b[2J");
  cluster.Add(0, letter);
  const Ran ran = cluster.Run({"show", "orders-dlt"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "orders-dlt partition 0 offset 0  2027-01-15T07:43:20.000Z (16m 40s ago)\n"
            "  reason      business (spring-kafka)\n"
            "  source      orders partition 2 offset 7\n"
            "  attempts    10\n"
            "  exception   java.lang.IllegalArgumentException: no such article\n"
            "  headers\n"
            "    trace: abc\n"
            "    kafka_dlt-original-topic: orders\n"
            "    kafka_dlt-original-partition: 2\n"
            "    kafka_dlt-original-offset: 7\n"
            "    kafka_dlt-exception-fqcn: java.lang.IllegalArgumentException\n"
            "    kafka_dlt-exception-message: no such article\n"
            "    kafka_deliveryAttempt: 10\n"
            "    evil: 0x1b5b324a\n"
            "  key         key of {\"article\":7}\n"
            "  value\n"
            "    {\n"
            "      \"article\": 7\n"
            "    }\n\n");
}

TEST(Show, ShowsWhatPendsUnlessAllIsAskedFor) {
  FakeCluster cluster;
  cluster.AddLetters(30);
  const auto lines = [&](std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"show", "orders-dlt", "--output", "json"});
    const Ran ran = cluster.Run(flags);
    EXPECT_EQ(ran.status, 0) << ran.err;
    return std::ranges::count(ran.out, '\n');
  };
  EXPECT_EQ(lines({}), 20);
  EXPECT_EQ(lines({"--limit", "100"}), 30);
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes", "--text", "v1"}).status, 0);
  EXPECT_EQ(lines({"--limit", "100"}), 19);
  EXPECT_EQ(lines({"--limit", "100", "--all"}), 30);
  EXPECT_EQ(lines({"--limit", "100", "--all", "--reason", "timeout"}), 0);
  EXPECT_EQ(lines({"--partition", "1", "--to-offset", "3"}), 2);
  EXPECT_TRUE(cluster.Run({"show", "orders-dlt"}).err.empty());
  EXPECT_NE(cluster.Run({"show", "orders-dlt", "--limit", "3"}).err.find("more records match"),
            std::string::npos);
}

TEST(Show, MarksWhatItShowedOnly) {
  FakeCluster cluster;
  cluster.AddLetters(30);
  cluster.terminal = true;
  cluster.answers = {"n", "y"};
  const std::vector<std::string> args = {"show", "orders-dlt", "--mark-reviewed", "--limit", "4"};
  EXPECT_EQ(cluster.Run(args).status, 1);
  EXPECT_EQ(cluster.Committed(0), std::nullopt);
  const Ran ran = cluster.Run(args);
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.err.find("Note that 4 records of orders-dlt are reviewed, so that they wait no "
                         "longer? [y/N]"),
            std::string::npos)
      << ran.err;
  EXPECT_NE(cluster.Metadata(0).find("reviewed=4"), std::string::npos);
  EXPECT_EQ(cluster.Committed(1).value_or(0), 0);
}

TEST(Show, WorksForAnyTopicButMarksOnlyQueues) {
  FakeCluster cluster;
  EXPECT_EQ(cluster.Run({"show", "orders"}).status, 0);
  const Ran ran = cluster.Run({"show", "orders", "--mark-reviewed", "--yes"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.err.find("is not known to be a dead-letter queue"), std::string::npos);
}

}  // namespace
}  // namespace backlogd::dlq
