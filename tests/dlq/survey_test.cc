#include "dlq/survey.h"

#include <gtest/gtest.h>

#include "dlq/fixture.h"

namespace backlogd::dlq {
namespace {

using std::chrono_literals::operator""s;

TEST(Survey, LeavesTimeForEachStep) {
  FakeCluster cluster;
  FakeKafkaClient& client = cluster.client;
  const Deadline now = std::chrono::steady_clock::now();
  const auto clock = [now] { return now; };
  ASSERT_TRUE(LookAround(client, {}, clock, now + 30s));
  EXPECT_EQ(client.deadlines["ListGroups"], now + 10s);
  EXPECT_EQ(client.deadlines["FetchCommitted"], now + 15s);
  EXPECT_EQ(client.deadlines["DescribeTopicConfigs"], now + 30s);
}

TEST(Survey, FindsTheCoordinatorAsKafkaDoes) {
  kafka::Metadata metadata;
  EXPECT_EQ(CoordinatorOf(metadata, "abc"), std::nullopt);
  kafka::TopicMetadata topic{"__consumer_offsets", {}};
  for (int i = 0; i < 50; ++i) topic.partitions.push_back({i, 100 + i, 1, 1});
  metadata.topics = {topic};
  // Of Java: "abc".hashCode() = 96354, "polygenelubricants".hashCode() = -2^31.
  EXPECT_EQ(CoordinatorOf(metadata, "abc"), 104);
  EXPECT_EQ(CoordinatorOf(metadata, "polygenelubricants"), 100);
  metadata.topics[0].partitions[4].leader = kafka::kNoBroker;
  EXPECT_EQ(CoordinatorOf(metadata, "abc"), kafka::kNoBroker);
}

struct Unknown : testing::Test {
  Unknown() {
    cluster.AddLetters(6);
    cluster.client.metadata.brokers.push_back({2, "broker", 9093, ""});
    cluster.client.AddGroup("repair");
  }

  // Whatever would take handled records for pending ones.
  void ExpectFailures(const std::string& why) {
    for (const std::vector<std::string>& args : {std::vector<std::string>{"show", "orders-dlt"},
                                                 {"redeliver", "orders-dlt", "--dry-run"},
                                                 {"log", "orders-dlt", "--leave-pending"}}) {
      const Ran ran = cluster.Run(args);
      EXPECT_EQ(ran.status, 1) << args[0];
      EXPECT_EQ(ran.out, "") << args[0];
      EXPECT_NE(ran.err.find(why), std::string::npos) << ran.err;
    }
    const Ran list = cluster.Run({"list", "--output", "json"});
    EXPECT_EQ(list.status, 0);
    EXPECT_NE(list.out.find(R"("pending":null,"retained":8,)"), std::string::npos) << list.out;
    EXPECT_NE(list.out.find(why.substr(0, 20)), std::string::npos) << list.out;
    EXPECT_EQ(cluster.Run({"show", "orders-dlt", "--all"}).status, 0);
  }

  FakeCluster cluster;
};

TEST_F(Unknown, IsWhatABrokerThatIsDownWouldTell) {
  EXPECT_EQ(cluster.Run({"show", "orders-dlt"}).status, 0);
  cluster.client.down = {2};
  ExpectFailures("group backlogd-dlq.orders-dlt: committed offsets: not all brokers said which");
  EXPECT_NE(cluster.Run({"show", "orders-dlt", "--all"}).err.find("not all groups are known: "),
            std::string::npos);
}

TEST_F(Unknown, IsWhatAGroupWithoutACoordinatorDid) {
  cluster.client.AddTopic("__consumer_offsets", 1);
  EXPECT_EQ(cluster.Run({"show", "orders-dlt"}).status, 0);
  for (auto& topic : cluster.client.metadata.topics) {
    if (topic.name == "__consumer_offsets") topic.partitions[0].leader = kafka::kNoBroker;
  }
  ExpectFailures("group backlogd-dlq.orders-dlt: committed offsets: its coordinator is down");
}

TEST_F(Unknown, IsWhatWeHaveNoRightToSee) {
  cluster.client.AddTopic("__consumer_offsets", 1);
  cluster.client.fail_group["backlogd-dlq.orders-dlt"] = {
      ErrorKind::kUnauthorized,
      "group backlogd-dlq.orders-dlt: committed offsets: group authorization failed"};
  ExpectFailures(
      "group backlogd-dlq.orders-dlt: committed offsets: group authorization failed (needs "
      "DESCRIBE on group backlogd-dlq.orders-dlt)");
}

TEST_F(Unknown, IsHowFarATopicIsHandledThatWasMadeAnew) {
  cluster.client.AddGroup("backlogd-dlq.orders-dlt");
  cluster.client.committed["backlogd-dlq.orders-dlt"][{"orders-dlt", 1}] = 1000;
  ExpectFailures("orders-dlt/1: is handled up to offset 1000, but ends at 4");
}

TEST(OnePartition, IsLookedAtWhileAnotherHasNoLeader) {
  FakeCluster cluster;
  cluster.AddLetters(6);
  for (auto& topic : cluster.client.metadata.topics) {
    if (topic.name == "orders-dlt") topic.partitions[1].leader = kafka::kNoBroker;
  }
  const Ran all = cluster.Run({"show", "orders-dlt"});
  EXPECT_EQ(all.status, 1);
  EXPECT_NE(all.err.find("backlogd-dlq: orders-dlt/1: log offsets: no leader"), std::string::npos)
      << all.err;
  EXPECT_EQ(cluster.Run({"show", "orders-dlt", "--partition", "0"}).status, 0);
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--partition=0", "--yes"}).status, 0);
  EXPECT_EQ(cluster.Values("orders").size(), 3U);
}

}  // namespace
}  // namespace backlogd::dlq
