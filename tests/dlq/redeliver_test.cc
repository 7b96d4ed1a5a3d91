#include <gtest/gtest.h>

#include <csignal>

#include "dlq/fixture.h"

namespace backlogd::dlq {
namespace {

using Headers = std::vector<FakeRecord::Header>;

const FakeRecord* Only(const FakeCluster& cluster, const std::string& topic,
                       kafka::PartitionId partition) {
  const auto found = cluster.written.records.find({topic, partition});
  if (found == cluster.written.records.end() || found->second.size() != 1) return nullptr;
  return &found->second.front();
}

TEST(Redeliver, KeepsTheRecordAndSaysWhereItCameFrom) {
  FakeCluster cluster;
  FakeRecord letter = LetterOf("a");
  letter.headers.insert(letter.headers.begin(), {{"null", std::nullopt}, {"trace", "first"}});
  letter.headers.emplace_back("backlogd-dlq-redeliveries", "1");
  cluster.Add(1, letter);
  const Ran ran = cluster.Run({"redeliver", "orders-dlt", "--yes"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  const FakeRecord* sent = Only(cluster, "orders", 2);  // the partition it came from
  ASSERT_NE(sent, nullptr);
  EXPECT_EQ(sent->key, "key of a");
  EXPECT_EQ(sent->value, "a");
  EXPECT_EQ(sent->timestamp, std::nullopt);
  Headers expected(letter.headers.begin(), letter.headers.end() - 2);  // no kafka_deliveryAttempt
  expected.insert(expected.end(), {{"backlogd-dlq-topic", "orders-dlt"},
                                   {"backlogd-dlq-partition", "1"},
                                   {"backlogd-dlq-offset", "0"},
                                   {"backlogd-dlq-redeliveries", "2"}});
  EXPECT_EQ(sent->headers, expected);
}

TEST(Redeliver, StripsTheDeathOnDemand) {
  FakeCluster cluster;
  cluster.Add(0, LetterOf("a"));
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes", "--strip-death-headers"}).status, 0);
  const FakeRecord* sent = Only(cluster, "orders", 2);
  ASSERT_NE(sent, nullptr);
  ASSERT_EQ(sent->headers.size(), 5U);
  EXPECT_EQ(sent->headers[0], (FakeRecord::Header{"trace", "abc"}));
}

TEST(Redeliver, LeavesWhatWasRedeliveredTooOften) {
  FakeCluster cluster;
  for (const char* count : {"2", "3"}) {
    FakeRecord letter = LetterOf(count);
    letter.headers.emplace_back("backlogd-dlq-redeliveries", count);
    cluster.Add(0, letter);
  }
  const Ran ran = cluster.Run({"redeliver", "orders-dlt", "--yes"});
  EXPECT_EQ(cluster.Values("orders"), (std::vector<std::string>{"2"}));
  EXPECT_NE(ran.out.find("left behind, redelivered as often as --max-redeliveries allows: 1"),
            std::string::npos)
      << ran.out;
  EXPECT_EQ(cluster.Committed(0), 1);
}

TEST(Redeliver, FindsTheTarget) {
  const auto from = [](std::optional<std::string> topic) {
    FakeRecord letter{.key = std::nullopt, .value = "a"};
    if (topic) letter.headers.emplace_back("kafka_dlt-original-topic", topic);
    return letter;
  };
  const struct {
    FakeRecord letter;
    std::vector<std::string> flags;
    const char* target;  // "": left behind
  } cases[] = {
      {from("payments"), {}, "payments"},
      {from("gone"), {}, "orders"},  // what the queue's name tells
      {from(std::nullopt), {}, "orders"},
      {from("orders-dlt"), {}, "orders"},
      {from("__consumer_offsets"), {}, "orders"},
      {from("payments"), {"--to", "orders"}, "orders"},
  };
  for (const auto& each : cases) {
    FakeCluster cluster;
    cluster.client.AddTopic("__consumer_offsets", 1);
    cluster.Add(0, each.letter);
    std::vector<std::string> args = {"redeliver", "orders-dlt", "--yes"};
    args.insert(args.end(), each.flags.begin(), each.flags.end());
    EXPECT_EQ(cluster.Run(args).status, 0);
    EXPECT_EQ(cluster.Values(each.target).size(), 1U) << each.target;
  }
  FakeCluster cluster;
  cluster.client.AddTopic("dead-letters", 1);
  cluster.reader.logs[{"dead-letters", 0}][0] = {.key = {}, .value = "a"};
  cluster.client.logs[{"dead-letters", 0}] = {0, 1, 1};
  const Ran ran = cluster.Run({"redeliver", "dead-letters", "--yes"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.out.find("left behind, no source topic is known; give --to: 1"), std::string::npos);
}

TEST(Redeliver, KeepsTheOrderOfRecordsWithoutAKey) {
  FakeCluster cluster;
  for (int i = 0; i < 3; ++i) {
    cluster.Add(1, {.key = std::nullopt, .value = std::to_string(i)});
  }
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes", "--to", "payments"}).status, 0);
  EXPECT_EQ((cluster.written.records[{"payments", 1}].size()), 3U);
}

TEST(Redeliver, KeepsTheTimestampOnDemand) {
  FakeCluster cluster;
  cluster.Add(0, LetterOf("of the letter"));
  FakeRecord with_source = LetterOf("of the source");
  with_source.headers.emplace_back("kafka_dlt-original-timestamp",
                                   std::string("\0\0\x01\x8b\xcf\xe5\x68\0", 8));
  cluster.Add(0, with_source);
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes", "--keep-timestamp"}).status, 0);
  const auto& sent = cluster.written.records[{"orders", 2}];
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].timestamp, WallTime(std::chrono::milliseconds(1'799'999'000'000)));
  EXPECT_EQ(sent[1].timestamp, WallTime(std::chrono::milliseconds(1'700'000'000'000)));
}

TEST(Redeliver, LeavesWhatTheTargetWouldLoseForItsTimestamp) {
  using std::chrono_literals::operator""h;
  FakeCluster cluster;
  cluster.client.topic_configs["orders"].retention_ms = 24h;
  for (const auto& [value, age] : {std::pair("old", 25h), {"new", 23h}, {"future", -2h}}) {
    FakeRecord letter = LetterOf(value);
    letter.timestamp = cluster.now - age;
    cluster.Add(0, letter);
  }
  const std::vector<std::string> args = {"redeliver", "orders-dlt", "--yes", "--keep-timestamp"};
  const Ran ran = cluster.Run(args);
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(cluster.Values("orders"), (std::vector<std::string>{"new"}));
  EXPECT_NE(ran.out.find("its timestamp is older than the target keeps: 1"), std::string::npos);
  EXPECT_NE(ran.out.find("its timestamp is in the future: 1"), std::string::npos);
  cluster.client.topic_configs["orders"].timestamps_are_of_the_append = true;
  EXPECT_EQ(cluster.Run(args).status, 0);
  EXPECT_EQ(cluster.Values("orders").size(), 3U);
}

TEST(Redeliver, LeavesWhatIsTooLargeForTheTargetAndGoesOn) {
  FakeCluster cluster;
  cluster.client.topic_configs["orders"].max_message_bytes = 30'000;
  for (int i = 0; i < 6; ++i) {
    cluster.Add(0, LetterOf(i % 2 == 1 ? std::string(40'000, 'x') : std::to_string(i)));
  }
  cluster.Add(0, LetterOf(std::string(35'000, 'y')));  // it can be compressed
  cluster.prepare_writer = [](FakeRecordWriter& writer) { writer.max_value_bytes = 36'000; };
  const Ran ran = cluster.Run({"redeliver", "orders-dlt", "--yes"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(cluster.Values("orders"),
            (std::vector<std::string>{"0", "2", "4", std::string(35'000, 'y')}));
  EXPECT_NE(ran.out.find("left behind, too large for the target: 3"), std::string::npos) << ran.out;
  EXPECT_EQ(cluster.Committed(0), 1);
}

TEST(Redeliver, SaysThatATargetCannotBeWrittenNow) {
  FakeCluster cluster;
  cluster.client.AddTopic("broken", 0);
  cluster.AddLetters(2);
  const Ran ran = cluster.Run({"redeliver", "orders-dlt", "--yes", "--to", "broken"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.err.find("topic broken has no partitions that can be written now"),
            std::string::npos)
      << ran.err;
}

TEST(Redeliver, AStoppedCountIsNoRedelivery) {
  FakeCluster cluster;
  cluster.terminal = true;
  cluster.AddLetters(5);
  cluster.reader.before_record = [&, count = 0]() mutable {
    if (++count == 8) cluster.stop.load()->Request();  // all were looked at before
  };
  const Ran ran = cluster.Run({"redeliver", "orders-dlt"});
  EXPECT_EQ(ran.status, 130);
  EXPECT_NE(ran.out.find("would have been redelivered: 2 records"), std::string::npos) << ran.out;
  EXPECT_NE(ran.err.find("interrupted; nothing was done"), std::string::npos) << ran.err;
}

TEST(Redeliver, HoldsNoTransactionOpenForASlowTransformation) {
  std::signal(SIGPIPE, SIG_IGN);
  FakeCluster cluster;
  for (const char* value : {"one", "two"}) cluster.Add(0, LetterOf(value));
  cluster.prepare_writer = [&](FakeRecordWriter& writer) {
    writer.before = [&](const std::string& call) {
      if (call == "Send") cluster.elapsed += std::chrono::seconds(2);
    };
  };
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes", "--transform", "cat"}).status, 0);
  EXPECT_EQ(cluster.writer_calls,
            (std::vector<std::string>{"Open", "FetchPositions", "Begin", "Send", "Commit", "Begin",
                                      "Send", "Commit"}));
}

TEST(Redeliver, MendsOnTheWay) {
  std::signal(SIGPIPE, SIG_IGN);
  FakeCluster cluster;
  cluster.Add(0, LetterOf("bad"));
  cluster.Add(0, LetterOf("hopeless"));
  const Ran ran =
      cluster.Run({"redeliver", "orders-dlt", "--yes", "--transform",
                   "sed -e 's/\"value\":\"bad\"/\"value\":\"good\"/' -e '/hopeless/d'"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(cluster.Values("orders"), (std::vector<std::string>{"good"}));
  EXPECT_NE(ran.out.find("the command of --transform left it: 1"), std::string::npos);
  EXPECT_EQ(cluster.Committed(0), 1);
}

TEST(Redeliver, StopsWhereTheCommandFailsAndKeepsWhatWasDone) {
  std::signal(SIGPIPE, SIG_IGN);
  for (const auto& [command, message] :
       {std::pair("grep -v bad", "the command ended with status 1"),
        std::pair("sed '/bad/s/.*/{\"value\":1}/'", "value: must be a string or null")}) {
    FakeCluster cluster;
    for (const char* value : {"one", "bad", "two"}) cluster.Add(0, LetterOf(value));
    const Ran ran = cluster.Run({"redeliver", "orders-dlt", "--yes", "--transform", command});
    EXPECT_EQ(ran.status, 1);
    EXPECT_NE(ran.err.find("orders-dlt/0 offset 1: --transform: "), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find(message), std::string::npos) << ran.err;
    EXPECT_EQ(cluster.Values("orders"), (std::vector<std::string>{"one"}));
    EXPECT_EQ(cluster.Committed(0), 1);
  }
}

TEST(Redeliver, ShowsWhatItWouldDoAndWritesNothing) {
  FakeCluster cluster;
  cluster.AddLetters(5);
  const Ran ran = cluster.Run({"redeliver", "orders-dlt", "--dry-run", "--output", "json"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.out.find(R"("dry_run":true,"end":"done","handled":5,"left_behind":{},)"
                         R"("targets":{"orders":5})"),
            std::string::npos)
      << ran.out;
  EXPECT_TRUE(cluster.writer_calls.empty());
  EXPECT_TRUE(cluster.Values("orders").empty());
}

TEST(Redeliver, RefusesBadTargets) {
  FakeCluster cluster;
  cluster.client.AddTopic("__consumer_offsets", 1);
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes", "--to", "orders-dlt"}).status, 2);
  EXPECT_EQ(cluster.Run({"redeliver", "orders-dlt", "--yes", "--to", "__consumer_offsets"}).status,
            2);
  const Ran ran = cluster.Run({"redeliver", "orders-dlt", "--yes", "--to", "oders"});
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.err.find("did you mean orders?"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace backlogd::dlq
