#include "snapshot/collector.h"

#include <gtest/gtest.h>

#include <limits>

#include "snapshot/collect_fixture.h"

namespace backlogd::snapshot {
namespace {

using kafka::GroupState;
using CollectTest = CollectFixture;

TEST_F(CollectTest, ReadsLogStartsBeforeCommitsAndCommitsBeforeLogEnds) {
  client_.AddTopic("orders", 1, 10);
  client_.AddGroup("billing", GroupState::kStable);
  Collect();
  EXPECT_EQ(client_.calls,
            (std::vector<std::string>{"FetchMetadata", "ListGroups", "FetchLogOffsets(earliest)",
                                      "FetchCommitted", "FetchLogOffsets(last_stable)",
                                      "FetchLogOffsets(latest)", "DescribeGroups", "DescribeTopics",
                                      "DescribeTopicConfigs"}));
}

TEST_F(CollectTest, YieldsCommitsSortedByTopicAndPartition) {
  client_.AddTopic("b", 2, 10);
  client_.AddTopic("a", 1, 10);
  client_.AddGroup("g2");
  client_.AddGroup("g1");
  client_.committed["g1"] = {{{"b", 1}, 5}, {{"b", 0}, 4}, {{"a", 0}, 3}};
  const ClusterSnapshot seen = Collect();
  ASSERT_EQ(Names(seen.groups), (std::vector<std::string>{"g1", "g2"}));
  const Group& g1 = seen.groups[0];
  ASSERT_TRUE(g1.committed_known);
  ASSERT_EQ(g1.committed_count, 3u);
  const Committed* commits = &seen.committed[g1.first_committed];
  EXPECT_EQ(seen.topics[commits[0].topic].name, "a");
  EXPECT_EQ(commits[0].offset, 3);
  EXPECT_EQ(commits[1].partition, 0);
  EXPECT_EQ(commits[1].offset, 4);
  EXPECT_EQ(commits[2].offset, 5);
  EXPECT_TRUE(seen.groups[1].committed_known);
  EXPECT_EQ(seen.groups[1].committed_count, 0u);
}

TEST_F(CollectTest, LeavesOutWhatIsNotWatchedAndCommitsOnDeletedTopics) {
  client_.AddTopic("a", 1, 10);
  client_.AddTopic("hidden", 1, 10);
  client_.AddGroup("g");
  client_.AddGroup("hidden");
  client_.committed["g"] = {{{"a", 0}, 3}, {{"hidden", 0}, 3}, {{"deleted", 0}, 3}};
  unwatched_ = {"hidden"};
  const ClusterSnapshot seen = Collect();
  ASSERT_EQ(seen.topics.size(), 1u);
  ASSERT_EQ(Names(seen.groups), std::vector<std::string>{"g"});
  EXPECT_EQ(seen.groups[0].committed_count, 1u);
  EXPECT_EQ(seen.partitions.size(), 1u);
}

TEST_F(CollectTest, NamesWhatIsNotWatched) {
  unwatched_ = {"z", "a", "some", "another"};
  for (const char* topic : {"a", "b", "z"}) client_.AddTopic(topic, 1);
  for (const char* group : {"some", "billing", "another"}) client_.AddGroup(group);
  client_.listings[2] = client_.listings[1];
  client_.metadata.brokers.push_back({2, "b2", 9092, ""});
  const ClusterSnapshot seen = Collect();
  EXPECT_EQ(seen.unwatched_topics, (std::vector<std::string>{"a", "z"}));
  EXPECT_EQ(seen.unwatched_groups, (std::vector<std::string>{"another", "some"}));
}

TEST_F(CollectTest, KeepsTheTextsBesideCommitsOfTheGroupsThatAreAskedFor) {
  client_.AddTopic("orders-dlt", 3, 10);
  for (const char* name : {"ours", "theirs"}) {
    client_.AddGroup(name);
    for (int i = 0; i < 3; ++i) client_.committed[name][{"orders-dlt", i}] = 5;
    client_.committed_metadata[name] = {{{"orders-dlt", 0}, "zero"}, {{"orders-dlt", 2}, "two"}};
  }
  const ClusterSnapshot seen = Collect();
  ASSERT_EQ(Names(seen.groups), (std::vector<std::string>{"ours", "theirs"}));
  ASSERT_EQ(seen.groups[0].commit_texts.size(), 2U);
  EXPECT_EQ(seen.groups[0].commit_texts[0].partition, 0);
  EXPECT_EQ(seen.groups[0].commit_texts[0].text, "zero");
  EXPECT_EQ(seen.groups[0].commit_texts[1].text, "two");
  EXPECT_TRUE(seen.groups[1].commit_texts.empty());
}

// Each call that fails takes only its own answers away, and is named.
TEST_F(CollectTest, KeepsWhatOtherCallsAnswered) {
  struct Case {
    std::string call;
    Step step;
  };
  for (const Case& c : {Case{"ListGroups", Step::kListGroups},
                        {"FetchLogOffsets(earliest)", Step::kLogStartOffsets},
                        {"FetchCommitted", Step::kCommittedOffsets},
                        {"FetchLogOffsets(last_stable)", Step::kLastStableOffsets},
                        {"FetchLogOffsets(latest)", Step::kLogEndOffsets},
                        {"DescribeGroups", Step::kDescribeGroups},
                        {"DescribeTopics", Step::kDescribeTopics},
                        {"DescribeTopicConfigs", Step::kTopicConfigs}}) {
    SCOPED_TRACE(c.call);
    FakeKafkaClient client;
    client.metadata.brokers = {{1, "localhost", 9092, ""}};
    client.AddTopic("a", 1, 10);
    client.AddGroup("g", GroupState::kStable);
    client.committed["g"] = {{{"a", 0}, 3}};
    client.descriptions["g"] = {kafka::GroupType::kClassic, GroupState::kStable, 2, {{"a", {0}}}};
    client.fail[c.call] = {ErrorKind::kTimeout, "timed out"};
    Collector collector({[](auto) { return true; }, [](auto) { return true; }},
                        [] { return Deadline{}; });
    const ClusterSnapshot seen = collector.Collect(client, WallTime{}, Deadline{});

    ASSERT_EQ(seen.failures.size(), 1u);
    EXPECT_EQ(seen.failures[0].step, c.step);
    EXPECT_EQ(seen.failures[0].kind, ErrorKind::kTimeout);
    EXPECT_EQ(seen.failures[0].example, "timed out");
    for (int i = 0; i < kStepCount; ++i) {
      const auto step = static_cast<Step>(i);
      // See LookUpTimes and ReadDeadLetters.
      const bool asked = step != Step::kOffsetsForTimes && step != Step::kReadDeadLetters;
      EXPECT_EQ(ResultOf(seen, step).ran, asked) << ToText(step);
      EXPECT_EQ(ResultOf(seen, step).success, asked && step != c.step) << ToText(step);
    }
    ASSERT_EQ(seen.partitions.size(), 1u);
    const PartitionLog& log = seen.partitions[0];
    EXPECT_EQ(Known(log.start), c.step != Step::kLogStartOffsets);
    EXPECT_EQ(Known(log.last_stable), c.step != Step::kLastStableOffsets);
    EXPECT_EQ(Known(log.end), c.step != Step::kLogEndOffsets);
    EXPECT_EQ(seen.groups_complete, c.step != Step::kListGroups);
    EXPECT_EQ(seen.groups.size(), c.step == Step::kListGroups ? 0u : 1u);
    EXPECT_EQ(seen.topics[0].id.has_value(), c.step != Step::kDescribeTopics);
    EXPECT_EQ(seen.topics[0].config.has_value(), c.step != Step::kTopicConfigs);
    if (seen.groups.empty()) continue;
    EXPECT_EQ(seen.groups[0].committed_known, c.step != Step::kCommittedOffsets);
    EXPECT_EQ(seen.groups[0].described, c.step != Step::kDescribeGroups);
  }
}

TEST_F(CollectTest, AsksNothingMoreWithoutMetadata) {
  client_.fail["FetchMetadata"] = {ErrorKind::kUnreachable, "no broker"};
  const ClusterSnapshot seen = Collect();
  EXPECT_FALSE(seen.metadata_known);
  EXPECT_EQ(client_.calls, std::vector<std::string>{"FetchMetadata"});
  EXPECT_TRUE(ResultOf(seen, Step::kMetadata).ran);
  EXPECT_FALSE(ResultOf(seen, Step::kMetadata).success);
  EXPECT_FALSE(ResultOf(seen, Step::kListGroups).ran);
}

TEST_F(CollectTest, LogEndsThatWereNotAskedForHoldSinceThePollBegan) {
  client_.fail["FetchMetadata"] = {ErrorKind::kTimeout, "timed out"};
  client_.before = [&](const std::string&) { now_ += std::chrono::seconds(5); };
  const ClusterSnapshot seen = Collect();
  EXPECT_EQ(seen.taken_at, kTakenAt);
  EXPECT_EQ(seen.ends_at, kTakenAt);
  EXPECT_EQ(seen.ends_steady, Deadline());
}

TEST_F(CollectTest, KeepsTheOthersWhenOneBrokerIsDown) {
  client_.metadata.brokers = {{1, "a", 1, ""}, {2, "b", 2, ""}};
  client_.AddTopic("a", 2, 10);
  client_.metadata.topics[0].partitions[1].leader = 2;
  client_.AddGroup("g1");
  client_.listings[2] = {{"g2", kafka::GroupType::kClassic, GroupState::kEmpty}};
  client_.down = {2};
  const ClusterSnapshot seen = Collect();
  EXPECT_FALSE(seen.groups_complete);
  EXPECT_EQ(Names(seen.groups), std::vector<std::string>{"g1"});
  EXPECT_EQ(seen.partitions[0].end, 10);
  EXPECT_FALSE(Known(seen.partitions[1].end));
}

// What members say that they are assigned is their own word.
TEST_F(CollectTest, NoMoreIsAssignedThanThereIs) {
  client_.AddTopic("t", 2);
  client_.AddGroup("g", GroupState::kStable);
  client_.descriptions["g"] = {
      kafka::GroupType::kClassic,
      GroupState::kStable,
      2,
      {{"t", {1, 1, -1, 2, std::numeric_limits<kafka::PartitionId>::min()}, 0},
       {"nowhere", {0}, 0},
       {"t", {0, 1, std::numeric_limits<kafka::PartitionId>::max()}, 1}}};
  const ClusterSnapshot seen = Collect();
  ASSERT_EQ(seen.assigned.size(), 2u);
  EXPECT_EQ(seen.assigned[0].partition, 0);
  EXPECT_EQ(seen.assigned[1].partition, 1);
  ASSERT_EQ(seen.groups.size(), 1u);
  EXPECT_EQ(seen.groups[0].assigned_count, 2u);
}

TEST_F(CollectTest, LeavesOutCommitsOnPartitionsThatDoNotExist) {
  client_.AddTopic("a", 2, 10);
  client_.AddGroup("g");
  client_.committed["g"] = {{{"a", 1}, 3}, {{"a", 2}, 3}};
  EXPECT_EQ(Collect().groups[0].committed_count, 1u);
}

TEST_F(CollectTest, ManyShrunkLogsDoNotMakeAllTopicsBeDescribed) {
  for (int i = 0; i < 400; ++i) client_.AddTopic("t" + std::to_string(1000 + i), 1, 10);
  Collect();
  for (int i = 0; i < 150; ++i) client_.logs[{"t" + std::to_string(1000 + i), 0}] = {0, 2, 2};
  Collect();
  EXPECT_EQ(client_.topics_described.size(), 150u);
}

TEST_F(CollectTest, CountsFailuresOfOneReasonTogether) {
  client_.AddTopic("a", 3, 10);
  for (auto& partition : client_.metadata.topics[0].partitions) partition.leader = -1;
  const ClusterSnapshot seen = Collect();
  ASSERT_EQ(seen.failures.size(), 3u);  // starts, last stable, ends
  for (const Failure& failure : seen.failures) EXPECT_EQ(failure.count, 3u);
}

TEST_F(CollectTest, DescribesEachGroupWithinThreePolls) {
  for (int i = 0; i < 10; ++i) {
    client_.AddGroup("g" + std::to_string(i), GroupState::kStable);
    client_.descriptions["g" + std::to_string(i)].state = GroupState::kStable;
  }
  Collect();
  EXPECT_EQ(client_.described.size(), 10u);
  std::map<std::string, int> last_poll;
  for (int poll = 1; poll <= 12; ++poll) {
    Collect();
    EXPECT_LT(client_.described.size(), 10u) << "not all at once";
    for (const auto& group : client_.described) {
      EXPECT_LE(poll - last_poll[group], 3) << group;
      last_poll[group] = poll;
    }
  }
  for (const auto& [group, poll] : last_poll) EXPECT_GE(poll, 10) << group;
  EXPECT_EQ(last_poll.size(), 10u);
}

TEST_F(CollectTest, DescribesAGroupAtOnceWhenItsStateChangesOrItsDescriptionFailed) {
  client_.AddGroup("g", GroupState::kStable);
  client_.descriptions["g"].state = GroupState::kStable;
  Collect();
  client_.listings[1][0].state = GroupState::kPreparingRebalance;
  Collect();
  EXPECT_EQ(client_.described, std::vector<std::string>{"g"});
  client_.listings[1][0].state = GroupState::kStable;
  client_.fail_group["g"] = {ErrorKind::kTimeout, ""};
  Collect();
  client_.fail_group.clear();
  Collect();
  EXPECT_EQ(client_.described, std::vector<std::string>{"g"});
}

TEST_F(CollectTest, EmptyGroupsHaveNoMembersAndAreNotAsked) {
  client_.AddGroup("g", GroupState::kEmpty);
  const ClusterSnapshot seen = Collect();
  EXPECT_TRUE(client_.described.empty());
  EXPECT_TRUE(seen.groups[0].described);
  EXPECT_EQ(seen.groups[0].members, 0u);
}

TEST_F(CollectTest, AsksForATopicsIdAtOnceWhenItsLogShrank) {
  for (int i = 0; i < 300; ++i) client_.AddTopic("t" + std::to_string(1000 + i), 1, 10);
  Collect();
  EXPECT_EQ(client_.topics_described.size(), 300u) << "all new topics at once";
  Collect();
  EXPECT_EQ(client_.topics_described.size(), 100u) << "then some in turn";
  client_.logs[{"t1000", 0}] = {0, 2, 2};
  client_.topic_ids["t1000"] = {9, 9};
  client_.topic_configs["t1000"].retention_ms = std::chrono::hours(1);
  const ClusterSnapshot seen = Collect();
  EXPECT_EQ(client_.topics_described[0], "t1000");
  EXPECT_EQ(seen.topics[0].id, (kafka::TopicId{9, 9}));
  EXPECT_EQ(client_.configs_described[0], "t1000") << "a new topic has a new configuration";
  EXPECT_EQ(seen.topics[0].config->retention_ms, std::chrono::hours(1));
}

TEST_F(CollectTest, RefusedTopicQuestionsWaitForTheirTurn) {
  for (int i = 0; i < 300; ++i) client_.AddTopic("t" + std::to_string(1000 + i), 1, 10);
  client_.fail["DescribeTopicConfigs"] = {ErrorKind::kUnauthorized, "no ACL"};
  Collect();
  Collect();
  EXPECT_EQ(client_.configs_described.size(), 100u);
}

TEST_F(CollectTest, LeavesTimeForTheLogEndsThoughEachStepBeforeHangs) {
  client_.AddTopic("a", 1, 10);
  client_.AddGroup("g", GroupState::kStable);
  client_.before = [&](const std::string& call) { now_ = client_.deadlines[call]; };
  Collect();
  using std::chrono_literals::operator""ms;
  EXPECT_GE(client_.deadlines["FetchLogOffsets(latest)"] -
                client_.deadlines["FetchLogOffsets(last_stable)"],
            500ms);
  EXPECT_LE(client_.deadlines["DescribeTopicConfigs"], Deadline{} + 10000ms);
}

TEST_F(CollectTest, TimesEachStep) {
  client_.before = [&](const std::string& call) {
    if (call == "ListGroups") now_ += std::chrono::milliseconds(250);
  };
  const ClusterSnapshot seen = Collect();
  EXPECT_DOUBLE_EQ(ResultOf(seen, Step::kListGroups).duration.count(), 0.25);
  EXPECT_DOUBLE_EQ(ResultOf(seen, Step::kMetadata).duration.count(), 0);
}

TEST_F(CollectTest, SaysSinceWhenTheLogEndsHold) {
  client_.AddTopic("a", 1, 10);
  client_.before = [&](const std::string& call) {
    using std::chrono_literals::operator""us;
    if (call == "FetchMetadata" || call == "FetchLogOffsets(last_stable)") now_ += 750'300us;
    if (call == "FetchLogOffsets(latest)" || call == "DescribeTopics") now_ += 100'000us;
  };
  const ClusterSnapshot seen = Collect();
  EXPECT_EQ(seen.taken_at, kTakenAt);
  EXPECT_EQ(seen.ends_at, kTakenAt + std::chrono::milliseconds(1500));
  EXPECT_EQ(seen.ends_steady, Deadline() + std::chrono::microseconds(1'500'600));
}

TEST_F(CollectTest, PassesTheClientsStatisticsOn) {
  client_.statistics.emplace_back().broker = 7;
  const ClusterSnapshot seen = Collect();
  ASSERT_EQ(seen.client_statistics.size(), 1u);
  EXPECT_EQ(seen.client_statistics[0].broker, 7);
}

}  // namespace
}  // namespace backlogd::snapshot
