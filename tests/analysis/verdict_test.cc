// What the analyzer says of a group after some polls: status, cause, rates, capacity, headroom.

#include <gtest/gtest.h>

#include "polls.h"

namespace backlogd::analysis {
namespace {

constexpr double kPoll = 15;  // seconds; a window is eight of them

AnalysisSettings Settings() {
  AnalysisSettings settings;
  settings.window = 120s;
  settings.drain_time = 100s;
  return settings;
}

// A group "g" that reads a topic "t" at given rates, poll by poll. Counts are per partition.
struct Load {
  explicit Load(int partitions, int group_members = 1)
      : end(static_cast<std::size_t>(partitions), 1000), committed(end), members(group_members) {}

  // Polls after which each partition has got and been read so many records more.
  const GroupReport& Poll(int polls, std::vector<kafka::Offset> written,
                          std::vector<kafka::Offset> read) {
    for (int n = 0; n < polls; ++n) {
      for (std::size_t i = 0; i < end.size(); ++i) {
        end[i] += written[i];
        committed[i] = std::min(end[i], committed[i] + read[i]);
      }
      report = analyzer.Update(Snapshot());
    }
    return group();
  }
  const GroupReport& Poll(int polls, kafka::Offset written, kafka::Offset read) {
    return Poll(polls, std::vector(end.size(), written), std::vector(end.size(), read));
  }

  ClusterSnapshot Snapshot() const {
    std::vector<LogSeen> logs;
    Commits commits;
    std::vector<int> assigned;
    for (int i = 0; i < std::ssize(end); ++i) {
      logs.push_back({start, end[static_cast<std::size_t>(i)]});
      assigned.push_back(i);
      if (commits_at_all) commits.emplace_back(i, committed[static_cast<std::size_t>(i)]);
    }
    ClusterSnapshot seen = PollOf(std::move(logs));
    seen.topics[0].config = config;
    snapshot::Group& group = AddGroup(seen, "g", commits);
    if (members > 0) Assign(seen, group, assigned);
    group.members = static_cast<std::uint32_t>(members);
    seen.client_statistics = statistics;
    return seen;
  }

  const GroupReport& group() const { return report.groups.at(0); }

  PolledAnalyzer analyzer{Settings()};
  std::vector<kafka::Offset> end;
  std::vector<kafka::Offset> committed;
  kafka::Offset start = 0;
  int members;
  bool commits_at_all = true;
  std::optional<kafka::TopicConfig> config;
  std::vector<kafka::BrokerStatistics> statistics;
  LagReport report;
};

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

TEST(Verdict, PartitionsThatAreReadInTurnsAreNotStalled) {
  // One member reads what it fetched of one partition for eleven polls, then of the other.
  Load load(2);
  int polls_stalled = 0;
  for (int turn = 0; turn < 12; ++turn) {
    for (int poll = 0; poll < 11; ++poll) {
      load.Poll(
          1, {100, 100},
          turn % 2 == 0 ? std::vector<kafka::Offset>{150, 0} : std::vector<kafka::Offset>{0, 150});
      if (turn >= 4 && load.group().status == Status::kStalled) ++polls_stalled;
    }
  }
  EXPECT_EQ(polls_stalled, 0);
  EXPECT_EQ(load.group().status, Status::kFallingBehind);
  // One that is then left alone for twice as long is.
  load.Poll(14, {100, 100}, {150, 0});
  EXPECT_NE(load.group().status, Status::kStalled);
  load.Poll(12, {100, 100}, {150, 0});
  EXPECT_EQ(load.group().status, Status::kStalled);
}

TEST(Verdict, AnOutageThatEndedDoesNotMakeTheNextOneHarderToSee) {
  Load load(1);
  load.Poll(20, 100, 100);
  load.Poll(200, 100, 0);
  load.Poll(300, 100, 400);
  EXPECT_EQ(load.group().status, Status::kOk);
  EXPECT_EQ(load.Poll(10, 100, 0).status, Status::kStalled);
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

TEST(Verdict, CapacityIsWhatAMemberReadsWhileRecordsWait) {
  Load load(4, 2);
  load.Poll(20, 150, 150);
  EXPECT_FALSE(load.group().member_capacity);  // it was never busy all the time
  EXPECT_EQ(load.group().members_needed, kUnknown);
  load.Poll(12, 600, 300);
  const double capacity = 4 * 300 / kPoll / 2;
  ASSERT_TRUE(load.group().member_capacity);
  EXPECT_NEAR(*load.group().member_capacity, capacity, capacity / 10);
  EXPECT_EQ(load.group().members_needed, 4);  // as many as there are partitions
  // Drained, it stays what it was, and fewer members would do.
  load.Poll(40, 150, 300);
  EXPECT_EQ(load.group().status, Status::kOk);
  EXPECT_NEAR(*load.group().member_capacity, capacity, capacity / 10);
  EXPECT_EQ(load.group().members_needed, 1);
}

TEST(Verdict, CapacityIsNotMeasuredWhileMembersComeAndGo) {
  Load load(4, 2);
  load.Poll(20, 150, 150);
  for (int i = 0; i < 10; ++i) {
    load.members = 2 + i % 2;
    load.Poll(2, 600, 300);
  }
  EXPECT_EQ(load.group().status, Status::kFallingBehind);
  EXPECT_FALSE(load.group().member_capacity);
}

TEST(Verdict, DrainTimeIsThatOfTheSlowestPartition) {
  Load load(2);
  load.Poll(10, 1000, 0);
  load.Poll(12, {0, 0}, {500, 250});
  // 10,000 each; now 4,000 and 7,000 are left, at 500 and 250 a poll.
  EXPECT_EQ(load.group().status, Status::kCatchingUp);
  EXPECT_NEAR(static_cast<double>(load.group().drain_ms), 7000.0 / 250 * kPoll * 1000, 1000);
  load.Poll(9, {0, 0}, {500, 0});
  EXPECT_GT(load.group().lag, 0);
  EXPECT_EQ(load.group().drain_ms, kUnknown);
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

TEST(Verdict, AResetForwardIsNoConsumption) {
  Load load(1, 0);
  load.Poll(20, 100, 0);
  load.committed[0] = load.end[0] - 10;
  load.Poll(12, 0, 0);
  EXPECT_LT(load.group().consumption.value_or(0), 1);
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

TEST(Verdict, HeadroomIsRetentionMinusAge) {
  Load load(1);
  load.config = kafka::TopicConfig{true, 3600s, {}};
  load.Poll(20, 150, 150);
  EXPECT_EQ(load.group().headroom_ms, kUnknown);  // nothing waits
  load.Poll(8, 150, 0);
  EXPECT_NEAR(static_cast<double>(load.group().lag_ms), 8 * kPoll * 1000, kPoll * 1000);
  EXPECT_EQ(load.group().headroom_ms, 3'600'000 - load.group().lag_ms);
  load.config->deletes = false;
  EXPECT_EQ(load.Poll(1, 150, 0).headroom_ms, kUnknown);
  load.config.reset();
  EXPECT_EQ(load.Poll(1, 150, 0).headroom_ms, kUnknown);
}

TEST(Verdict, HeadroomUnderALimitOfBytesComesFromTheLastCut) {
  Load load(1);
  load.config = kafka::TopicConfig{true, {}, 1'000'000};
  load.Poll(20, 150, 150);
  load.Poll(2, 150, 0);
  EXPECT_EQ(load.group().headroom_ms, kUnknown);  // no cut was seen
  load.start = 1000;
  load.Poll(1, 150, 0);
  // The log held end - 1000 records when it was cut: that many more, less those that wait.
  const auto held = static_cast<double>(load.end[0] - 1000);
  const auto waiting = static_cast<double>(load.end[0] - load.committed[0]);
  EXPECT_NEAR(static_cast<double>(load.group().headroom_ms),
              (held - waiting) / (150 / kPoll) * 1000, 100);
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
  AnalysisSettings settings = Settings();
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

TEST(Verdict, AReaderThatIsNoMemberIsJudgedByItsCommits) {
  // A job that commits at each checkpoint, every so many polls, and keeps up or does not.
  for (const int interval : {1, 2, 4, 7, 12, 16}) {
    for (const bool keeps_up : {true, false}) {
      Load load(1, 0);
      int known = 0;
      for (int poll = 0; poll < 400; ++poll) {
        const kafka::Offset read = poll % interval == 0 ? interval * (keeps_up ? 1000 : 600) : 0;
        load.Poll(1, 1000, read);
        if (poll < 40 + 8 * interval) continue;
        ASSERT_TRUE(load.group().status) << interval;
        ++known;
        if (keeps_up) {
          ASSERT_EQ(load.group().status, Status::kOk) << interval << " " << poll;
        } else {
          ASSERT_GE(load.group().status, Status::kFallingBehind) << interval << " " << poll;
          ASSERT_NE(load.group().status, Status::kStopped) << interval << " " << poll;
        }
      }
      EXPECT_GT(known, 100);
      EXPECT_TRUE(load.group().inflow);
    }
  }
}

TEST(Verdict, AMemberThatCommitsSeldomIsOkWhileItKeepsToItsHabit) {
  Load load(1);
  for (int poll = 0; poll < 300; ++poll) {
    load.Poll(1, 1000, poll % 15 == 0 ? 15'000 : 0);
    if (poll <= 100) continue;
    ASSERT_EQ(load.group().status, Status::kOk) << poll;
  }
  load.Poll(40, 1000, 0);
  EXPECT_EQ(load.group().status, Status::kStalled);
}

TEST(Verdict, AResetForwardAfterAShortPauseIsNoConsumptionEither) {
  Load load(1);
  load.Poll(20, 1000, 150);
  load.members = 0;
  load.Poll(3, 1000, 0);
  load.committed[0] += 10'000;
  load.Poll(1, 1000, 0);
  load.members = 1;
  for (int poll = 0; poll < 12; ++poll) {
    load.Poll(1, 1000, 150);
    EXPECT_LT(load.group().consumption.value_or(0), 2 * 150 / kPoll) << poll;
    EXPECT_NE(load.group().status, Status::kCatchingUp) << poll;
  }
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

TEST(Verdict, AClockThatIsSetBackForgetsTimesAndNothingElse) {
  Load load(1);
  load.Poll(20, 150, 150);
  load.Poll(10, 150, 0);
  ASSERT_EQ(load.group().status, Status::kStalled);
  const std::int64_t produced = load.report.topics[0].records_produced;
  ClusterSnapshot seen = load.Snapshot();
  seen.taken_at = WallTime(std::chrono::hours(499'999));
  load.report = load.analyzer.Update(seen);
  EXPECT_FALSE(load.group().status);
  EXPECT_EQ(load.group().lag_ms, kUnknown);
  // It has to be looked up.
  const auto wanted = load.analyzer.analyzer().WantedTimes(10);
  ASSERT_EQ(wanted.size(), 1U);
  const kafka::PartitionOffset found{1000, seen.taken_at - 1h, {}};
  load.analyzer.analyzer().TakeTimes(std::span(&found, 1));
  load.Poll(9, 150, 0);
  EXPECT_EQ(load.group().status, Status::kStalled);
  EXPECT_GE(load.report.topics[0].records_produced, produced);
}

TEST(Verdict, WhatWasReadBeforeAnOutageSaysNothingAfterIt) {
  Load load(1);
  load.Poll(20, 150, 150);
  ClusterSnapshot seen = load.Snapshot();
  load.end[0] += 18'000;
  seen = load.Snapshot();
  seen.taken_at = load.report.taken_at;
  load.report = load.analyzer.Update(Unreachable());
  ClusterSnapshot later = load.Snapshot();
  later.taken_at = WallTime(std::chrono::hours(500'000)) + 2h;
  load.report = load.analyzer.Update(later);
  EXPECT_FALSE(load.group().status);
  EXPECT_EQ(load.group().drain_ms, kUnknown);
}

// Polls until the group has the status; -1 if it takes more than 60.
int PollsUntil(Status status, Load& load, kafka::Offset written) {
  for (int poll = 1; poll <= 60; ++poll) {
    if (load.Poll(1, written, 0).status == status) return poll;
  }
  return -1;
}

TEST(Verdict, NoTroubleThatEndedHidesTheNext) {
  struct Case {
    const char* name;
    void (*trouble)(Load& load);
  };
  const Case cases[] = {
      {"none", [](Load&) {}},
      {"the cluster did not answer",
       [](Load& load) {
         for (int i = 0; i < 14; ++i) load.analyzer.Update(Unreachable());
       }},
      {"the coordinator did not answer",
       [](Load& load) {
         for (int i = 0; i < 14; ++i) {
           ClusterSnapshot seen = load.Snapshot();
           seen.groups[0].committed_known = false;
           load.analyzer.Update(seen);
         }
       }},
      {"nobody polled",
       [](Load& load) {
         for (int i = 0; i < 14; ++i) load.analyzer.Skip();
       }},
      {"the members had left",
       [](Load& load) {
         load.members = 0;
         load.Poll(14, 150, 0);
         load.members = 1;
       }},
  };
  for (const Case& c : cases) {
    Load load(1);
    load.Poll(20, 150, 150);
    c.trouble(load);
    load.Poll(12, 150, 10'000);
    ASSERT_EQ(load.group().status, Status::kOk) << c.name;
    load.members = 0;
    const int polls = PollsUntil(Status::kStopped, load, 150);
    EXPECT_GT(polls, 0) << c.name;
    EXPECT_LE(polls, 9) << c.name;
  }
}

TEST(Verdict, AResetDoesNotHideThatNobodyReads) {
  for (const kafka::Offset reset : {-500, 500}) {
    Load load(1);
    load.Poll(20, 150, 150);
    load.members = 0;
    load.Poll(14, 150, 0);
    ASSERT_EQ(load.group().status, Status::kStopped);
    load.committed[0] += reset;
    const int polls = PollsUntil(Status::kStopped, load, 150);
    EXPECT_GT(polls, 0) << reset;
    EXPECT_LE(polls, 9) << reset;
  }
}

TEST(Verdict, OneMissedPollDoesNotMakeAReaderWithoutMembersBeginAnew) {
  Load load(1, 0);
  load.Poll(30, 1000, 600);
  ASSERT_EQ(load.group().status, Status::kFallingBehind);
  load.analyzer.Update(Unreachable());
  EXPECT_EQ(load.Poll(1, 2000, 1200).status, Status::kFallingBehind);
  EXPECT_TRUE(load.group().inflow);
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

TEST(Verdict, ASeldomCommitterOfCommittedRecordsIsHeldAgainstTheLastStableOffset) {
  AnalysisSettings settings = Settings();
  settings.reads_committed = [](std::string_view) { return true; };
  PolledAnalyzer analyzer(settings);
  kafka::Offset committed = 0;
  for (int poll = 0; poll < 100; ++poll) {
    const kafka::Offset end = 10'000 + poll * 100;
    ClusterSnapshot seen = PollOf({{0, end}});
    seen.partitions[0].last_stable = end - 800;
    if (poll % 8 == 0) committed = end - 800;
    Assign(seen, AddGroup(seen, "rc", {{0, committed}}), {0});
    const LagReport report = analyzer.Update(seen);
    if (poll < 30) continue;
    ASSERT_EQ(report.groups[0].status, Status::kOk) << poll;
    ASSERT_EQ(report.groups[0].drain_ms, 0) << poll;
  }
}

TEST(Verdict, ACutForAgeIsNoLimitOfBytes) {
  Load load(1);
  load.config = kafka::TopicConfig{true, 600s, 1'000'000'000};
  load.Poll(60, 150, 150);  // 15 minutes: the oldest known records are older than the limit
  load.Poll(2, 150, 0);
  EXPECT_EQ(load.group().headroom_ms, kUnknown);  // how many fit was not seen yet
  load.start = load.end[0] - 41 * 150;            // what is older than ten minutes
  load.Poll(1, 150, 0);
  EXPECT_NEAR(static_cast<double>(load.group().headroom_ms),
              600'000 - static_cast<double>(load.group().lag_ms), 1);
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

TEST(Verdict, TheLastCommitIsTheLastThatMoved) {
  Load load(1);
  EXPECT_FALSE(load.Poll(3, 10, 0).last_commit);
  load.Poll(1, 10, 10);
  const auto moved = load.group().last_commit;
  ASSERT_TRUE(moved);
  EXPECT_EQ(load.Poll(5, 10, 0).last_commit, moved);
}

}  // namespace
}  // namespace backlogd::analysis
