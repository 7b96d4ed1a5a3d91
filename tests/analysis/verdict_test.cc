// What the analyzer says of a group after some polls: status and cause.

#include <gtest/gtest.h>

#include "watched_load.h"

namespace backlogd::analysis {
namespace {

TEST(Verdict, AGroupThatKeepsUpIsOkFromTheFirstPollOn) {
  Load load(2);
  EXPECT_EQ(load.Poll(1, 100, 100).status, Status::kOk);
  EXPECT_EQ(load.group().drain_ms, 0);
  EXPECT_EQ(load.group().lag_ms, 0);
  EXPECT_FALSE(load.group().inflow);  // one poll has no rate
  load.Poll(8, 150, 150);
  EXPECT_EQ(load.group().status, Status::kOk);
  EXPECT_FALSE(load.group().cause);
  EXPECT_DOUBLE_EQ(*load.group().inflow, 2 * 150 / kPoll);
  EXPECT_DOUBLE_EQ(*load.group().consumption, 2 * 150 / kPoll);
}

TEST(Verdict, ABacklogWithoutHistoryHasNoStatusYet) {
  Load load(1);
  load.committed[0] = 0;
  EXPECT_FALSE(load.Poll(1, 100, 0).status);
  EXPECT_EQ(load.group().lag, 1100);
  EXPECT_FALSE(load.group().cause);
  EXPECT_TRUE(load.Poll(8, 100, 0).status);
}

TEST(Verdict, AProducerSurgeIsNamedWithItsEvidence) {
  Load load(2);
  load.Poll(20, 150, 150);
  const GroupReport& group = load.Poll(8, 600, 180);
  EXPECT_EQ(group.status, Status::kFallingBehind);
  EXPECT_EQ(group.cause, Cause::kProducerSurge);
  EXPECT_DOUBLE_EQ(*group.inflow, 2 * 600 / kPoll);
  EXPECT_FLOAT_EQ(static_cast<float>(*group.inflow_baseline), 2 * 150 / kPoll);
  EXPECT_FLOAT_EQ(static_cast<float>(*group.consumption_baseline), 2 * 150 / kPoll);
  EXPECT_EQ(group.drain_ms, kUnknown);
}

TEST(Verdict, AConsumerThatSlowsToAThirdIsNamed) {
  Load load(2);
  load.Poll(20, 150, 150);
  EXPECT_EQ(load.Poll(8, 150, 50).status, Status::kFallingBehind);
  EXPECT_EQ(load.group().cause, Cause::kConsumerSlowdown);
}

TEST(Verdict, AConsumerThatHangsIsStalledAndOneThatIsGoneStopped) {
  for (const int members_left : {1, 0}) {
    Load load(2);
    load.Poll(20, 150, 150);
    load.members = members_left;
    load.Poll(10, 150, 0);
    EXPECT_EQ(load.group().status, members_left > 0 ? Status::kStalled : Status::kStopped);
    EXPECT_EQ(load.group().cause, Cause::kConsumerStopped);
  }
}

TEST(Verdict, AGroupWithoutMembersAndWithoutBacklogIsOk) {
  Load load(2);
  load.Poll(20, 150, 150);
  load.members = 0;
  EXPECT_EQ(load.Poll(20, 0, 0).status, Status::kOk);
  EXPECT_FALSE(load.group().cause);
}

TEST(Verdict, OnePartitionOfManyThatIsStuckMakesTheGroupStalled) {
  Load load(4);
  load.Poll(20, 150, 150);
  load.Poll(10, {150, 150, 150, 150}, {150, 150, 0, 150});
  EXPECT_EQ(load.group().status, Status::kStalled);
  EXPECT_EQ(load.group().cause, Cause::kConsumerStopped);
  std::vector<std::optional<Status>> statuses;
  for (const PairReport& pair : load.report.pairs) statuses.push_back(pair.status);
  EXPECT_EQ(statuses, (std::vector<std::optional<Status>>{Status::kOk, Status::kOk,
                                                          Status::kStalled, Status::kOk}));
}

TEST(Verdict, AHotPartitionIsSkew) {
  Load load(4, 4);
  load.Poll(20, 150, 150);
  load.Poll(10, {50, 50, 900, 50}, {150, 150, 150, 150});
  EXPECT_EQ(load.group().status, Status::kFallingBehind);
  EXPECT_EQ(load.group().cause, Cause::kSkew);
}

TEST(Verdict, TooFewPartitionsAndTooFewMembersDifferByTheMembers) {
  for (const int members : {6, 2}) {
    Load load(4, members);
    load.Poll(12, 300, 150);
    EXPECT_EQ(load.group().status, Status::kFallingBehind);
    EXPECT_EQ(load.group().cause,
              members == 6 ? Cause::kTooFewPartitions : Cause::kUnderprovisioned);
  }
}

TEST(Verdict, AResetBackIsRewoundUntilItIsReadAgain) {
  Load load(1);
  load.Poll(20, 150, 150);
  load.committed[0] -= 2000;
  load.Poll(2, 150, 300);
  EXPECT_EQ(load.group().status, Status::kRewound);
  EXPECT_FALSE(load.group().cause);
  EXPECT_EQ(load.group().drain_ms, 1700 / 150.0 * kPoll * 1000);
  load.Poll(20, 150, 300);
  EXPECT_EQ(load.group().status, Status::kOk);
}

TEST(Verdict, ACommitThatComesBackFromBeyondTheLogEndIsNoRewind) {
  Load load(1);
  load.committed[0] = 5000;
  load.Poll(5, 0, 0);
  load.committed[0] = 1000;
  EXPECT_EQ(load.Poll(3, 10, 10).status, Status::kOk);
}

TEST(Verdict, RetentionThatOvertakesAGroupLosesData) {
  Load load(1);
  load.Poll(20, 150, 150);
  load.Poll(10, 150, 0);
  load.start = load.committed[0] + 500;
  load.Poll(2, 150, 0);
  EXPECT_EQ(load.group().status, Status::kLosingData);
  EXPECT_EQ(load.group().cause, Cause::kConsumerStopped);
  EXPECT_EQ(load.report.group_topics.at(0).lost_records, 500);
}

TEST(Verdict, AConsumerThatNeverCommitsIsSaidSoOnceRecordsCame) {
  Load load(2);
  load.commits_at_all = false;
  EXPECT_FALSE(load.Poll(20, 0, 0).status);
  EXPECT_NE(load.Poll(2, 150, 0).status, Status::kNotCommitting);
  EXPECT_EQ(load.Poll(8, 150, 0).status, Status::kNotCommitting);
  EXPECT_EQ(load.Poll(30, 0, 0).status, Status::kNotCommitting);
  load.commits_at_all = true;
  load.committed = load.end;
  EXPECT_EQ(load.Poll(1, 0, 0).status, Status::kOk);
}

TEST(Verdict, AnUnknownPartitionMakesTheGroupUnknownAfterTwoPollsAndTheBrokerTheCause) {
  Load load(2);
  load.Poll(20, 150, 150);
  for (int poll = 0; poll < 4; ++poll) {
    ClusterSnapshot seen = load.Snapshot();
    seen.partitions[1].leader = kafka::kNoBroker;
    seen.partitions[1].start = seen.partitions[1].last_stable = seen.partitions[1].end = -1;
    load.report = load.analyzer.Update(seen);
    const bool carried = poll < 2;
    EXPECT_EQ(load.group().status.has_value(), carried) << poll;
    EXPECT_EQ(load.group().inflow.has_value(), carried) << poll;
    EXPECT_EQ(load.group().cause.has_value(), !carried) << poll;
    EXPECT_EQ(load.group().lag_ms == kUnknown, !carried) << poll;
  }
  EXPECT_EQ(load.group().cause, Cause::kBroker);
}

TEST(Verdict, AReaderOfCommittedRecordsHasNoBacklogBehindAnOpenTransaction) {
  AnalysisSettings settings = WindowOfEightPolls();
  settings.reads_committed = [](std::string_view group) { return group == "rc"; };
  PolledAnalyzer analyzer(settings);
  LagReport report;
  for (int poll = 0; poll < 20; ++poll) {
    ClusterSnapshot seen = PollOf({{0, 1000 + poll * 100}});
    seen.partitions[0].last_stable = 1000;
    AddGroup(seen, "all", {{0, 1000}});
    AddGroup(seen, "rc", {{0, 1000}});
    report = analyzer.Update(seen);
  }
  EXPECT_EQ(report.groups[0].lag, 1900);
  EXPECT_EQ(report.groups[0].status, Status::kStopped);
  EXPECT_GT(report.groups[0].lag_ms, 15'000 * 18);
  EXPECT_EQ(report.groups[1].lag, 0);
  EXPECT_EQ(report.groups[1].lag_ms, 0);
  EXPECT_EQ(report.groups[1].status, Status::kOk);
}

TEST(Verdict, APartitionWithoutRecordsNeedsNoCommit) {
  // Partition 0 gets its first record, and then commits; partition 1 stays empty.
  Load load(2);
  load.end = load.committed = {0, 0};
  const auto poll = [&](bool committed) {
    ClusterSnapshot seen = PollOf({{0, load.end[0]}, {0, 0}});
    snapshot::Group& group = AddGroup(seen, "g", committed ? Commits{{0, load.end[0]}} : Commits{});
    Assign(seen, group, {0, 1});
    load.report = load.analyzer.Update(seen);
  };
  for (int i = 0; i < 20; ++i) poll(false);
  load.end[0] = 1;
  poll(false);
  for (int i = 0; i < 40; ++i) {
    ++load.end[0];
    poll(true);
    ASSERT_EQ(load.group().status, Status::kOk) << i;
  }
}

TEST(Verdict, RecordsFromBeforeAGroupJoinedNeedNoCommit) {
  Load load(1, 0);
  load.commits_at_all = false;
  load.Poll(6, 150, 0);
  load.members = 1;
  for (int poll = 0; poll < 60; ++poll) {
    ASSERT_FALSE(load.Poll(1, 0, 0).status) << poll;
  }
}

TEST(Verdict, ARecreatedTopicHasNoHistory) {
  Load load(1);
  load.Poll(20, 150, 0);
  EXPECT_EQ(load.group().status, Status::kStalled);
  ClusterSnapshot seen = load.Snapshot();
  seen.topics[0].id = kafka::TopicId{1, 1};
  load.analyzer.Update(seen);
  seen.topics[0].id = kafka::TopicId{2, 2};
  seen.partitions[0].end = seen.partitions[0].last_stable = 50;
  seen.committed[0].offset = 20;
  load.report = load.analyzer.Update(seen);
  EXPECT_EQ(load.group().lag, 30);
  EXPECT_FALSE(load.group().status);
  // Its records are no older than the poll before.
  EXPECT_LE(load.group().lag_ms, 15'000);
}

}  // namespace
}  // namespace backlogd::analysis
