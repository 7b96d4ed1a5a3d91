// What the analyzer measures of a group over some polls: rates, capacity, drain time, headroom.

#include <gtest/gtest.h>

#include "watched_load.h"

namespace backlogd::analysis {
namespace {

TEST(Measures, CapacityIsWhatAMemberReadsWhileRecordsWait) {
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

TEST(Measures, CapacityIsWhatTheOperatorSaidUntilItIsObserved) {
  AnalysisSettings settings = WindowOfEightPolls();
  settings.capacity_hint = [](std::string_view) { return 1000.0; };
  Load load(4, 2, settings);
  load.Poll(20, 150, 150);
  EXPECT_EQ(load.group().member_capacity, 1000.0);
  EXPECT_EQ(load.group().members_needed, 1);
  load.Poll(12, 600, 300);
  const double observed = 4 * 300 / kPoll / 2;
  EXPECT_NEAR(*load.group().member_capacity, observed, observed / 10);
  EXPECT_EQ(load.group().members_needed, 4);
}

TEST(Measures, CapacityIsNotMeasuredWhileMembersComeAndGo) {
  Load load(4, 2);
  load.Poll(20, 150, 150);
  for (int i = 0; i < 10; ++i) {
    load.members = 2 + i % 2;
    load.Poll(2, 600, 300);
  }
  EXPECT_EQ(load.group().status, Status::kFallingBehind);
  EXPECT_FALSE(load.group().member_capacity);
}

TEST(Measures, DrainTimeIsThatOfTheSlowestPartition) {
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

TEST(Measures, HeadroomIsRetentionMinusAge) {
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

TEST(Measures, HeadroomUnderALimitOfBytesComesFromTheLastCut) {
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

TEST(Measures, ACutForAgeIsNoLimitOfBytes) {
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

TEST(Measures, TheLastCommitIsTheLastThatMoved) {
  Load load(1);
  EXPECT_FALSE(load.Poll(3, 10, 0).last_commit);
  load.Poll(1, 10, 10);
  const auto moved = load.group().last_commit;
  ASSERT_TRUE(moved);
  EXPECT_EQ(load.Poll(5, 10, 0).last_commit, moved);
}

TEST(Measures, AResetForwardIsNoConsumption) {
  Load load(1, 0);
  load.Poll(20, 100, 0);
  load.committed[0] = load.end[0] - 10;
  load.Poll(12, 0, 0);
  EXPECT_LT(load.group().consumption.value_or(0), 1);
}

TEST(Measures, AResetForwardAfterAShortPauseIsNoConsumptionEither) {
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

}  // namespace
}  // namespace backlogd::analysis
