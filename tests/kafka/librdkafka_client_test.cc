#include "kafka/librdkafka_client.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "kafka/mock_cluster.h"
#include "kafka/recording_log.h"

namespace backlogd::kafka {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto kPatience = 10s;      // for what must succeed
constexpr auto kImpatience = 600ms;  // for what must fail

Deadline In(std::chrono::milliseconds time) { return steady_clock::now() + time; }

config::Cluster ClusterAt(const std::string& servers) {
  config::Cluster cluster;
  cluster.bootstrap_servers = servers;
  return cluster;
}

// A cluster of three brokers with a topic of six partitions, and a client that knows both.
class Client : public testing::Test {
 protected:
  Client() : mock_(3) {
    mock_.CreateTopic("orders", 6);
    client_ = MakeLibrdkafkaClient(ClusterAt(mock_.bootstrap_servers()), 100ms, log_);
    RefreshMetadata();
  }

  std::vector<PartitionAt> Orders() const {
    std::vector<PartitionAt> partitions;
    for (const PartitionMetadata& partition : metadata_.topics.at(0).partitions) {
      partitions.push_back({"orders", partition.id, partition.leader});
    }
    return partitions;
  }

  std::vector<PartitionTime> At(WallTime time) const {
    std::vector<PartitionTime> question;
    for (const PartitionAt& partition : Orders()) question.push_back({partition, time});
    return question;
  }

  // A partition of `orders` whose leader is `broker`. The mock spreads them by chance.
  std::size_t LedBy(BrokerId broker) {
    const std::vector<PartitionAt> partitions = Orders();
    for (std::size_t i = 0; i < partitions.size(); ++i) {
      if (partitions[i].leader == broker) return i;
    }
    rd_kafka_mock_partition_set_leader(mock_.get(), "orders", 0, broker);
    RefreshMetadata();
    EXPECT_EQ(Orders()[0].leader, broker);
    return 0;
  }

  // What a partition of the topic says that broker 2 leads, while that is down: it did not answer;
  // or the library has just heard that it is gone, and then nobody leads.
  static void ExpectDown(const Error& error, const std::string& subject) {
    const bool unanswered =
        error.kind == ErrorKind::kUnreachable || error.kind == ErrorKind::kTimeout;
    EXPECT_TRUE(unanswered || error.kind == ErrorKind::kNoLeader) << error.message;
    EXPECT_TRUE(error.message.starts_with(unanswered ? subject : "broker 2: ")) << error.message;
  }

  void RefreshMetadata() {
    Result<Metadata> metadata = client_->FetchMetadata(In(kPatience));
    ASSERT_TRUE(metadata) << metadata.error().message;
    metadata_ = std::move(*metadata);
  }

  // Result of asking for the commits of one group.
  Result<std::map<std::string, Offset>> Committed(std::string_view group, BrokerId coordinator,
                                                  Deadline deadline) {
    Result<std::map<std::string, Offset>> answer = Error{ErrorKind::kOther, "never called"};
    int calls = 0;
    const GroupAt question{group, coordinator};
    client_->FetchCommitted({&question, 1}, deadline, [&](std::size_t index, const auto& offsets) {
      EXPECT_EQ(index, 0U);
      ++calls;
      if (!offsets) {
        answer = offsets.error();
        return;
      }
      std::map<std::string, Offset> seen;
      for (const CommittedOffset& one : *offsets) {
        seen[std::string(one.topic) + "/" + std::to_string(one.partition)] = one.offset;
      }
      answer = seen;
    });
    EXPECT_EQ(calls, 1);
    return answer;
  }

  RecordingLog log_;
  MockCluster mock_;
  Metadata metadata_;
  std::unique_ptr<KafkaClient> client_;
};

TEST_F(Client, ReadsMetadataSorted) {
  mock_.CreateTopic("alerts", 1);
  rd_kafka_mock_partition_set_leader(mock_.get(), "alerts", 0, -1);
  const Result<Metadata> metadata = client_->FetchMetadata(In(kPatience));
  ASSERT_TRUE(metadata) << metadata.error().message;
  EXPECT_FALSE(metadata->cluster_id.empty());
  ASSERT_EQ(metadata->brokers.size(), 3U);
  EXPECT_EQ(metadata->brokers[0].id, 1);
  EXPECT_EQ(metadata->brokers[2].id, 3);
  EXPECT_NE(metadata->brokers[0].port, 0);
  ASSERT_EQ(metadata->topics.size(), 2U);
  EXPECT_EQ(metadata->topics[0].name, "alerts");
  EXPECT_EQ(metadata->topics[0].partitions[0].leader, kNoBroker);
  ASSERT_EQ(metadata->topics[1].partitions.size(), 6U);
  EXPECT_EQ(metadata->topics[1].partitions[4].id, 4);
  EXPECT_GE(metadata->topics[1].partitions[4].leader, 1);
  EXPECT_EQ(metadata->topics[1].partitions[4].replicas, 3);
}

TEST_F(Client, ReadsRacks) {
  rd_kafka_mock_broker_set_rack(mock_.get(), 2, "north");
  auto fresh = MakeLibrdkafkaClient(ClusterAt(mock_.bootstrap_servers()), 100ms, log_);
  const Result<Metadata> metadata = fresh->FetchMetadata(In(kPatience));
  ASSERT_TRUE(metadata) << metadata.error().message;
  EXPECT_EQ(metadata->brokers[1].rack, "north");
}

TEST_F(Client, ReadsLogOffsetsInTheOrderAsked) {
  mock_.Produce("orders", 4, 7);
  std::vector<PartitionAt> partitions = Orders();
  std::swap(partitions[0], partitions[4]);
  const auto ends = client_->FetchLogOffsets(partitions, OffsetSpec::kLatest, In(kPatience));
  ASSERT_EQ(ends.size(), 6U);
  EXPECT_EQ(ends[0].offset, 7);
  for (std::size_t i = 1; i < ends.size(); ++i) EXPECT_EQ(ends[i].offset, 0) << i;
  const auto starts = client_->FetchLogOffsets(partitions, OffsetSpec::kEarliest, In(kPatience));
  EXPECT_EQ(starts[0].offset, 0);
  const auto stable = client_->FetchLogOffsets(partitions, OffsetSpec::kLastStable, In(kPatience));
  EXPECT_EQ(stable[0].offset, 7);
}

// The mock finds no record at any timestamp; a real cluster is asked in tests/integration.
TEST_F(Client, SaysNoSuchRecordWithoutAnError) {
  const auto found = client_->FetchOffsetsForTimes(At(WallTime(1ms)), In(kPatience));
  ASSERT_EQ(found.size(), 6U);
  for (const PartitionOffset& one : found) {
    EXPECT_FALSE(one.offset);
    EXPECT_FALSE(one.timestamp);
    EXPECT_FALSE(one.error) << one.error->message;
  }
}

TEST_F(Client, ATimestampBefore1970IsNotTakenForAnOffsetSpec) {
  for (PartitionId partition = 0; partition < 6; ++partition) mock_.Produce("orders", partition, 7);
  std::vector<PartitionTime> question = At(WallTime(-1ms));  // Kafka's number for "latest"
  question[1].time = WallTime(-2ms);                         // ... for "earliest"
  question[2].time = WallTime::min();
  for (const PartitionOffset& one : client_->FetchOffsetsForTimes(question, In(kPatience))) {
    EXPECT_FALSE(one.offset) << *one.offset;
    EXPECT_FALSE(one.error) << one.error->message;
  }
}

TEST_F(Client, TimesOfPartitionsThatNobodyLeadsAreErrorsOfTheirOwn) {
  const std::size_t led = LedBy(2);
  const std::size_t leaderless = led == 0 ? 1 : 0;
  std::vector<PartitionTime> question = At(WallTime(1ms));
  question[leaderless].partition.leader = kNoBroker;
  rd_kafka_mock_broker_set_down(mock_.get(), 2);
  const auto found = client_->FetchOffsetsForTimes(question, In(kImpatience));
  for (std::size_t i = 0; i < found.size(); ++i) {
    const std::string subject = "orders/" + std::to_string(i) + ": offset by time: ";
    EXPECT_FALSE(found[i].offset) << i;
    ASSERT_EQ(found[i].error.has_value(), i == leaderless || question[i].partition.leader == 2);
    if (!found[i].error) continue;
    if (i != leaderless) {
      ExpectDown(*found[i].error, subject);
      continue;
    }
    EXPECT_EQ(found[i].error->message, subject + "no leader");
    EXPECT_EQ(found[i].error->kind, ErrorKind::kNoLeader);
  }
  EXPECT_TRUE(client_->FetchOffsetsForTimes({}, In(kPatience)).empty());
}

TEST_F(Client, AsksNobodyForALeaderlessPartition) {
  auto partitions = Orders();
  partitions[1].leader = kNoBroker;
  const auto ends = client_->FetchLogOffsets(partitions, OffsetSpec::kLatest, In(kPatience));
  EXPECT_FALSE(ends[1].offset);
  ASSERT_TRUE(ends[1].error);
  EXPECT_EQ(ends[1].error->kind, ErrorKind::kNoLeader);
  EXPECT_EQ(ends[1].error->message, "orders/1: log end offset: no leader");
  EXPECT_TRUE(ends[0].offset);
  EXPECT_TRUE(client_->FetchLogOffsets({}, {}, In(kPatience)).empty());
}

TEST_F(Client, ABrokerDownIsAnErrorOfItsPartitionsOnly) {
  LedBy(2);
  rd_kafka_mock_broker_set_down(mock_.get(), 2);
  const auto start = steady_clock::now();
  const auto ends = client_->FetchLogOffsets(Orders(), OffsetSpec::kLatest, In(kImpatience));
  EXPECT_LT(steady_clock::now() - start, kImpatience + 500ms);
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const bool down = Orders()[i].leader == 2;
    EXPECT_EQ(ends[i].offset.has_value(), !down) << i;
    ASSERT_EQ(ends[i].error.has_value(), down) << i;
    if (!down) continue;
    ExpectDown(*ends[i].error, "orders/" + std::to_string(i) + ": log end offset: ");
  }
}

TEST_F(Client, FindsABrokerThatIsBack) {
  const std::size_t led = LedBy(2);
  rd_kafka_mock_broker_set_down(mock_.get(), 2);
  EXPECT_TRUE(client_->FetchLogOffsets(Orders(), OffsetSpec::kLatest, In(kImpatience))[led].error);
  rd_kafka_mock_broker_set_up(mock_.get(), 2);
  RefreshMetadata();
  const auto ends = client_->FetchLogOffsets(Orders(), OffsetSpec::kLatest, In(kPatience));
  EXPECT_EQ(ends[led].offset, 0) << (ends[led].error ? ends[led].error->message : "");
}

TEST_F(Client, AMovedLeaderIsAnErrorAndTheNextCallWorks) {
  const std::size_t moved = LedBy(1);
  const auto partition = static_cast<PartitionId>(moved);
  rd_kafka_mock_partition_set_leader(mock_.get(), "orders", partition, 3);
  const auto stale = client_->FetchLogOffsets(Orders(), OffsetSpec::kLatest, In(kPatience));
  for (std::size_t i = 0; i < stale.size(); ++i) EXPECT_EQ(stale[i].error.has_value(), i == moved);
  ASSERT_TRUE(stale[moved].error);
  EXPECT_EQ(stale[moved].error->kind, ErrorKind::kNoLeader);
  RefreshMetadata();
  EXPECT_EQ(client_->FetchLogOffsets(Orders(), OffsetSpec::kLatest, In(kPatience))[moved].offset,
            0);
}

TEST_F(Client, SplitsManyPartitions) {
  mock_.CreateTopic("wide", 1700);
  const Result<Metadata> metadata = client_->FetchMetadata(In(kPatience));
  ASSERT_TRUE(metadata);
  std::vector<PartitionAt> partitions;
  for (const PartitionMetadata& partition : metadata->topics[1].partitions) {
    partitions.push_back({"wide", partition.id, partition.leader});
  }
  ASSERT_EQ(partitions.size(), 1700U);
  for (const PartitionOffset& end :
       client_->FetchLogOffsets(partitions, OffsetSpec::kLatest, In(kPatience))) {
    EXPECT_EQ(end.offset, 0);
  }
}

// librdkafka's own timer for such a call would run out while it is still being sent.
TEST_F(Client, QuestionsForWhichNoTimeIsLeftDoNoHarm) {
  mock_.CreateTopic("many", 400);
  RefreshMetadata();
  std::vector<PartitionTime> question;
  for (const PartitionMetadata& partition : metadata_.topics.at(0).partitions) {
    question.push_back({{"many", partition.id, partition.leader}, WallTime(1ms)});
  }
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(client_->FetchOffsetsForTimes(question, In(2ms)).size(), question.size());
  }
}

TEST_F(Client, ListsGroupsBrokerByBroker) {
  // The mock cannot list groups: each broker says so itself.
  const BrokerId brokers[] = {3, 1};
  const auto listings = client_->ListGroups(brokers, In(kPatience));
  ASSERT_EQ(listings.size(), 2U);
  ASSERT_FALSE(listings[0]);
  EXPECT_EQ(listings[0].error().kind, ErrorKind::kUnsupported);
  EXPECT_TRUE(listings[0].error().message.starts_with("broker 3: list groups: "))
      << listings[0].error().message;
  EXPECT_TRUE(listings[1].error().message.starts_with("broker 1: list groups: "));
}

TEST_F(Client, DescribesEachGroupOnItsOwn) {
  const GroupAt groups[] = {{"b", 1}, {"a", 2}, {"c", kNoBroker}};
  const auto described = client_->DescribeGroups(groups, In(kPatience));
  ASSERT_EQ(described.size(), 3U);
  ASSERT_FALSE(described[0]);
  EXPECT_EQ(described[0].error().kind, ErrorKind::kUnsupported) << "by the mock";
  EXPECT_TRUE(described[1].error().message.starts_with("group a: describe: "));
  EXPECT_EQ(described[2].error().kind, ErrorKind::kNoLeader);
}

TEST_F(Client, AGroupWithoutCommitsIsEmptyNotAnError) {
  const auto committed = Committed("nobody", 1, In(kPatience));
  ASSERT_TRUE(committed) << committed.error().message;
  EXPECT_TRUE(committed->empty());
}

TEST_F(Client, ANotCoordinatorAnswerIsAnErrorOfTheGroup) {
  // Crashes a handle without a group.id.
  rd_kafka_mock_push_request_errors(mock_.get(), 9 /* OffsetFetch */, 1,
                                    RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
  const auto committed = Committed("g", 1, In(kPatience));
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().kind, ErrorKind::kNoLeader);
  EXPECT_TRUE(committed.error().message.starts_with("group g: committed offsets: "));
}

TEST_F(Client, ASlowOrDeadCoordinatorDoesNotEndTheProcess) {
  // With librdkafka's own coordinator lookup this aborts (librdkafka#4605).
  rd_kafka_mock_broker_set_rtt(mock_.get(), 2, 1500);
  for (int i = 0; i < 3; ++i) {
    const auto slow = Committed("g", 2, In(kImpatience));
    ASSERT_FALSE(slow);
    EXPECT_EQ(slow.error().kind, ErrorKind::kTimeout) << slow.error().message;
  }
  rd_kafka_mock_broker_set_rtt(mock_.get(), 2, 0);
  rd_kafka_mock_broker_set_down(mock_.get(), 2);
  EXPECT_FALSE(Committed("g", 2, In(kImpatience)));
  rd_kafka_mock_broker_set_up(mock_.get(), 2);
  const auto good = Committed("g", 2, In(kPatience));
  EXPECT_TRUE(good) << good.error().message;
}

TEST_F(Client, ADeadBrokerHoldsUpNoOtherBrokersGroups) {
  rd_kafka_mock_broker_set_down(mock_.get(), 2);
  std::vector<std::string> names;
  for (int i = 0; i < 300; ++i) names.push_back("group-" + std::to_string(i));
  std::vector<GroupAt> groups;
  for (std::size_t i = 0; i < names.size(); ++i) groups.push_back({names[i], i < 200 ? 2 : 1});
  std::vector<int> answers(groups.size(), 0);
  client_->FetchCommitted(groups, In(kImpatience), [&](std::size_t index, const auto& offsets) {
    answers[index] += offsets ? 1 : 100;
  });
  for (std::size_t i = 0; i < groups.size(); ++i) EXPECT_EQ(answers[i], i < 200 ? 100 : 1) << i;
}

TEST_F(Client, ReadsTopicIdsInTheOrderAsked) {
  mock_.CreateTopic("alerts", 1);
  const std::string_view topics[] = {"orders", "alerts", "missing"};
  const auto ids = client_->DescribeTopics(topics, In(kPatience));
  ASSERT_EQ(ids.size(), 3U);
  ASSERT_TRUE(ids[0]) << ids[0].error().message;
  ASSERT_TRUE(ids[1]) << ids[1].error().message;
  EXPECT_FALSE(*ids[0] == *ids[1]);
  ASSERT_FALSE(ids[2]);
  EXPECT_TRUE(ids[2].error().message.starts_with("topic missing: topic id: "));
}

TEST_F(Client, UnsupportedConfigsAreAnErrorOfEachTopic) {
  const std::string_view topics[] = {"orders"};
  const auto configs = client_->DescribeTopicConfigs(topics, In(kPatience));
  ASSERT_EQ(configs.size(), 1U);
  EXPECT_EQ(configs[0].error().kind, ErrorKind::kUnsupported);
}

// How many requests of that name were sent to the cluster's brokers.
std::uint64_t Count(const std::vector<BrokerStatistics>& brokers, std::string_view name) {
  std::uint64_t count = 0;
  for (const BrokerStatistics& broker : brokers) {
    for (const auto& request : broker.requests) count += request.name == name ? request.count : 0;
  }
  return count;
}

TEST_F(Client, CountsItsRequests) {
  const Deadline deadline = In(kPatience);
  std::uint64_t fetches = 0;
  while (fetches == 0 && steady_clock::now() < deadline) {
    static_cast<void>(client_->FetchLogOffsets(Orders(), OffsetSpec::kLatest, deadline));
    fetches = Count(client_->Statistics(), "ListOffsets");
  }
  EXPECT_GT(fetches, 0U);
  EXPECT_GE(client_->Statistics().at(0).broker, 1);
}

TEST_F(Client, StopsSoonWhenInterrupted) {
  rd_kafka_mock_broker_set_rtt(mock_.get(), 2, 60'000);
  const GroupAt groups[] = {{"hung", 2}, {"answered", 1}};
  const auto start = steady_clock::now();
  std::optional<ErrorKind> hung;
  client_->FetchCommitted(groups, In(30s), [&](std::size_t index, const auto& offsets) {
    if (index == 0 && !offsets) hung = offsets.error().kind;
    if (index == 1) client_->Interrupt();
  });
  EXPECT_EQ(hung, ErrorKind::kInterrupted);
  const auto ends = client_->FetchLogOffsets(Orders(), OffsetSpec::kLatest, In(30s));
  ASSERT_TRUE(ends[0].error);
  EXPECT_EQ(ends[0].error->kind, ErrorKind::kInterrupted);
  const Result<Metadata> metadata = client_->FetchMetadata(In(30s));
  ASSERT_FALSE(metadata);
  EXPECT_EQ(metadata.error().kind, ErrorKind::kInterrupted);
  EXPECT_LT(steady_clock::now() - start, 1s);
  rd_kafka_mock_broker_set_rtt(mock_.get(), 2, 0);
}

TEST_F(Client, LateAnswersOfACallGivenUpAreNotTakenForLaterOnes) {
  const std::size_t slow = LedBy(2);
  mock_.Produce("orders", static_cast<PartitionId>(slow), 5);
  rd_kafka_mock_broker_set_rtt(mock_.get(), 2, 400);
  EXPECT_TRUE(client_->FetchLogOffsets(Orders(), OffsetSpec::kLatest, In(100ms))[slow].error);
  const auto starts = client_->FetchLogOffsets(Orders(), OffsetSpec::kEarliest, In(kPatience));
  EXPECT_EQ(starts[slow].offset, 0) << "5 is the answer to the question before";
}

TEST(ToText, HasKafkasWords) {
  EXPECT_EQ(ToText(GroupType::kConsumer), "Consumer");
  EXPECT_EQ(ToText(GroupState::kPreparingRebalance), "PreparingRebalance");
  EXPECT_EQ(ToText(GroupState::kUnknown), "Unknown");
}

}  // namespace
}  // namespace backlogd::kafka
