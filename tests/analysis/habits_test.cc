// What the analyzer makes of waits: between commits, in outages, until somebody reads again.

#include <gtest/gtest.h>

#include "watched_load.h"

namespace backlogd::analysis {
namespace {

// Polls until the group has the status; -1 if it takes more than 60.
int PollsUntil(Status status, Load& load, kafka::Offset written) {
  for (int poll = 1; poll <= 60; ++poll) {
    if (load.Poll(1, written, 0).status == status) return poll;
  }
  return -1;
}

TEST(Habits, PartitionsThatAreReadInTurnsAreNotStalled) {
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

TEST(Habits, AnOutageThatEndedDoesNotMakeTheNextOneHarderToSee) {
  Load load(1);
  load.Poll(20, 100, 100);
  load.Poll(200, 100, 0);
  load.Poll(300, 100, 400);
  EXPECT_EQ(load.group().status, Status::kOk);
  EXPECT_EQ(load.Poll(10, 100, 0).status, Status::kStalled);
}

TEST(Habits, AReaderThatIsNoMemberIsJudgedByItsCommits) {
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

TEST(Habits, AMemberThatCommitsSeldomIsOkWhileItKeepsToItsHabit) {
  Load load(1);
  for (int poll = 0; poll < 300; ++poll) {
    load.Poll(1, 1000, poll % 15 == 0 ? 15'000 : 0);
    if (poll <= 100) continue;
    ASSERT_EQ(load.group().status, Status::kOk) << poll;
  }
  load.Poll(40, 1000, 0);
  EXPECT_EQ(load.group().status, Status::kStalled);
}

TEST(Habits, ASeldomCommitterOfCommittedRecordsIsHeldAgainstTheLastStableOffset) {
  AnalysisSettings settings = WindowOfEightPolls();
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

TEST(Habits, AResetDoesNotHideThatNobodyReads) {
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

TEST(Habits, NoTroubleThatEndedHidesTheNext) {
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

TEST(Habits, OneMissedPollDoesNotMakeAReaderWithoutMembersBeginAnew) {
  Load load(1, 0);
  load.Poll(30, 1000, 600);
  ASSERT_EQ(load.group().status, Status::kFallingBehind);
  load.analyzer.Update(Unreachable());
  EXPECT_EQ(load.Poll(1, 2000, 1200).status, Status::kFallingBehind);
  EXPECT_TRUE(load.group().inflow);
}

TEST(Habits, AClockThatIsSetBackForgetsTimesAndNothingElse) {
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

TEST(Habits, WhatWasReadBeforeAnOutageSaysNothingAfterIt) {
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

}  // namespace
}  // namespace backlogd::analysis
