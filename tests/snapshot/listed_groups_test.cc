#include "snapshot/collect_fixture.h"

namespace backlogd::snapshot {
namespace {

using kafka::GroupState;

using ListedGroupsTest = CollectFixture;

TEST_F(ListedGroupsTest, GroupsOfALeaderlessOffsetsPartitionAreNotTakenForDeleted) {
  client_.AddTopic("__consumer_offsets", 2);
  client_.metadata.topics[0].partitions[1].leader = kafka::kNoBroker;
  unwatched_ = {"__consumer_offsets"};
  const ClusterSnapshot seen = Collect();
  EXPECT_FALSE(seen.groups_complete);
  ASSERT_EQ(seen.failures.size(), 1u);
  EXPECT_EQ(seen.failures[0].kind, ErrorKind::kNoLeader);
  EXPECT_FALSE(ResultOf(seen, Step::kListGroups).success);
}

// A coordinator that loads lists nothing, without an error; asked about a group, it says so.
TEST_F(ListedGroupsTest, AGroupThatVanishesIsGoneOnlyIfItsCoordinatorKnowsNoSuchGroup) {
  client_.AddTopic("__consumer_offsets", 3);
  unwatched_ = {"__consumer_offsets"};
  client_.AddGroup("g");
  EXPECT_TRUE(Collect().groups_complete);
  client_.listings.clear();
  client_.fail["DescribeGroups"] = {ErrorKind::kNoLeader, "coordinator load in progress"};
  for (int poll = 0; poll < 20; ++poll) {
    const ClusterSnapshot loading = Collect();
    EXPECT_FALSE(loading.groups_complete) << poll;
    EXPECT_FALSE(ResultOf(loading, Step::kListGroups).success);
  }
  client_.fail.clear();
  EXPECT_TRUE(Collect().groups_complete) << "deleted after all";
  EXPECT_EQ(client_.described, std::vector<std::string>{"g"});
  EXPECT_TRUE(Collect().groups_complete);
  EXPECT_TRUE(client_.described.empty()) << "asked once";
}

TEST_F(ListedGroupsTest, AGroupThatIsThereAfterAllWasOnlyNotListed) {
  client_.AddGroup("g");
  Collect();
  client_.listings.clear();
  client_.descriptions["g"].state = GroupState::kStable;
  const ClusterSnapshot seen = Collect();
  EXPECT_FALSE(seen.groups_complete);
  EXPECT_EQ(seen.unlisted_groups, std::vector<std::string>{"g"});
  EXPECT_TRUE(seen.failures.empty());
  Collect();
  EXPECT_TRUE(Collect().groups_complete) << "its coordinator knows it as something else";
}

// Its coordinator may end loading between the list and the question, however long it has loaded.
TEST_F(ListedGroupsTest, AGroupWhoseCoordinatorLoadedLongIsNotGoneWhenItCanBeDescribed) {
  client_.AddGroup("g");
  Collect();
  client_.listings.clear();
  client_.fail["DescribeGroups"] = {ErrorKind::kNoLeader, "coordinator load in progress"};
  for (int poll = 0; poll < 10; ++poll) Collect();
  client_.fail.clear();
  client_.descriptions["g"].state = GroupState::kStable;
  EXPECT_EQ(Collect().unlisted_groups, std::vector<std::string>{"g"});
}

TEST_F(ListedGroupsTest, ACoordinatorThatLeftTheClusterIsNotAsked) {
  client_.metadata.brokers = {{1, "a", 1, ""}, {2, "b", 2, ""}};
  client_.listings[2] = {{"g", kafka::GroupType::kClassic, GroupState::kEmpty}};
  Collect();
  client_.metadata.brokers.pop_back();
  EXPECT_EQ(Collect().unlisted_groups, std::vector<std::string>{"g"});
  EXPECT_TRUE(client_.described.empty());
}

TEST_F(ListedGroupsTest, ADeletedGroupIsGoneThoughAnotherBrokerIsSilent) {
  client_.metadata.brokers = {{1, "a", 1, ""}, {2, "b", 2, ""}};
  client_.AddGroup("deleted");
  client_.listings[2] = {{"silent", kafka::GroupType::kClassic, GroupState::kEmpty}};
  Collect();
  client_.listings[1].clear();
  client_.down = {2};
  const ClusterSnapshot seen = Collect();
  EXPECT_EQ(seen.unlisted_groups, std::vector<std::string>{"silent"});
  EXPECT_EQ(client_.described, std::vector<std::string>{"deleted"}) << "who is silent is not asked";
}

TEST_F(ListedGroupsTest, AGroupThatWeMayNotSeeAnyMoreIsGone) {
  client_.AddGroup("g");
  Collect();
  client_.listings.clear();
  client_.fail_group["g"] = {ErrorKind::kUnauthorized, "no ACL"};
  EXPECT_TRUE(Collect().groups_complete);
}

TEST_F(ListedGroupsTest, ListsAGroupOnceThatTwoBrokersList) {
  client_.metadata.brokers = {{1, "a", 1, ""}, {2, "b", 2, ""}};
  client_.AddGroup("g", GroupState::kUnknown);
  client_.listings[2] = {{"g", kafka::GroupType::kClassic, GroupState::kStable}};
  const ClusterSnapshot seen = Collect();
  ASSERT_EQ(seen.groups.size(), 1u);
  EXPECT_EQ(seen.groups[0].state, GroupState::kStable);
}

// A broker that does not know yet that it is replaced lists the group too, and answers with commits
// as they were.
TEST_F(ListedGroupsTest, OfTwoBrokersThatListAGroupAsksTheLeaderOfItsPartition) {
  client_.metadata.brokers = {{1, "a", 1, ""}, {2, "b", 2, ""}};
  client_.AddTopic("__consumer_offsets", 1);
  unwatched_ = {"__consumer_offsets"};
  const kafka::ListedGroup known{"g", kafka::GroupType::kClassic, GroupState::kStable};
  const kafka::ListedGroup unknown{"g", kafka::GroupType::kClassic, GroupState::kUnknown};
  for (const kafka::BrokerId leader : {1, 2}) {
    client_.metadata.topics[0].partitions[0].leader = leader;
    for (const kafka::ListedGroup& at_leader : {known, unknown}) {
      client_.listings[1] = {known};
      client_.listings[2] = {known};
      client_.listings[leader] = {at_leader};
      const ClusterSnapshot seen = Collect();
      ASSERT_EQ(Names(seen.groups), std::vector<std::string>{"g"});
      EXPECT_EQ(seen.groups[0].coordinator, leader);
    }
  }
}

TEST_F(ListedGroupsTest, DropsGroupsThatAreDead) {
  client_.AddGroup("listed-dead", GroupState::kDead);
  client_.AddGroup("share", GroupState::kStable);
  client_.descriptions["share"] = {kafka::GroupType::kClassic, GroupState::kDead, 0, {}};
  EXPECT_TRUE(Collect().groups.empty());
}

}  // namespace
}  // namespace backlogd::snapshot
