// What LagAnalyzer counts, and what holds whatever happens.

#include <gtest/gtest.h>

#include <random>

#include "analysis/polls.h"

namespace backlogd::analysis {
namespace {

// One partition and one group, poll after poll.
struct CounterStep {
  LogSeen log;
  kafka::Offset committed;  // -1: no commit
  std::uint64_t topic_id;
  std::int64_t produced;
  std::int64_t consumed;
  std::int64_t lost;
};
struct CounterCase {
  std::string what;
  std::vector<CounterStep> steps;
};

TEST(LagAnalyzer, CountersOnlyGrow) {
  for (const CounterCase& c : std::vector<CounterCase>{
           {"steady", {{{0, 100}, 50, 1, 0, 0, 0}, {{0, 110}, 55, 1, 10, 5, 0}}},
           {"nothing happens", {{{0, 100}, 50, 1, 0, 0, 0}, {{0, 100}, 50, 1, 0, 0, 0}}},
           {"reset back, then read again",
            {{{0, 100}, 50, 1, 0, 0, 0}, {{0, 100}, 10, 1, 0, 0, 0}, {{0, 100}, 30, 1, 0, 20, 0}}},
           {"an end not read counts later",
            {{{0, 100}, 50, 1, 0, 0, 0}, {{0, -1}, 50, 1, 0, 0, 0}, {{0, 130}, 50, 1, 30, 0, 0}}},
           {"end goes back, then on",
            {{{0, 100}, 50, 1, 0, 0, 0}, {{0, 90}, 50, 1, 0, 0, 0}, {{0, 95}, 50, 1, 5, 0, 0}}},
           {"recreated topic, commits gone",
            {{{0, 100}, 50, 1, 0, 0, 0}, {{0, 7}, -1, 2, 7, 0, 0}, {{0, 9}, 9, 2, 9, 0, 0}}},
           {"recreated topic, larger than before",
            {{{0, 100}, 50, 1, 0, 0, 0},
             {{0, 120}, 60, 2, 120, 0, 0},
             {{0, 120}, 65, 2, 120, 5, 0}}},
           {"first commit counts nothing",
            {{{0, 100}, -1, 1, 0, 0, 0}, {{0, 100}, 80, 1, 0, 0, 0}}},
           {"lost before it was read",
            {{{0, 100}, 50, 1, 0, 0, 0},
             {{70, 100}, 50, 1, 0, 0, 20},
             {{70, 100}, 50, 1, 0, 0, 20},
             {{90, 100}, 50, 1, 0, 0, 40},
             {{90, 100}, 95, 1, 0, 45, 40}}},
           {"lost before the first poll counts nothing",
            {{{80, 100}, 50, 1, 0, 0, 0}, {{85, 100}, 50, 1, 0, 0, 5}}},
           {"a log start read late counts from there",
            {{{-1, 100}, 50, 1, 0, 0, 0},
             {{80, 100}, 50, 1, 0, 0, 0},
             {{85, 100}, 50, 1, 0, 0, 5}}},
           {"deleted after it was read, then reset below it",
            {{{0, 100}, 100, 1, 0, 0, 0},
             {{50, 100}, 100, 1, 0, 0, 0},
             {{50, 100}, 10, 1, 0, 0, 0}}},
           {"deleted after it was read", {{{0, 100}, 50, 1, 0, 0, 0}, {{50, 100}, 50, 1, 0, 0, 0}}},
       }) {
    PolledAnalyzer analyzer;
    for (std::size_t i = 0; i < c.steps.size(); ++i) {
      SCOPED_TRACE(c.what + ", poll " + std::to_string(i + 1));
      const CounterStep& step = c.steps[i];
      ClusterSnapshot seen =
          WithGroup({step.log}, step.committed < 0 ? Commits{} : Commits{{0, step.committed}});
      seen.topics[0].id = {0, step.topic_id};
      const LagReport report = analyzer.Update(seen);
      EXPECT_EQ(report.topics[0].records_produced, step.produced);
      ASSERT_EQ(report.group_topics.size(), step.committed < 0 ? 0u : 1u);
      if (step.committed < 0) continue;
      EXPECT_EQ(report.group_topics[0].records_consumed, step.consumed);
      EXPECT_EQ(report.group_topics[0].lost_records, step.lost);
    }
  }
}

TEST(LagAnalyzer, RecordsOfAPartitionCreatedMeanwhileWereProduced) {
  PolledAnalyzer analyzer;
  analyzer.Update(Unreachable());
  EXPECT_EQ(analyzer.Update(PollOf({{0, 10}})).topics[0].records_produced, 0);
  EXPECT_EQ(analyzer.Update(PollOf({{0, 10}, {0, 3}})).topics[0].records_produced, 3);
}

// A topic that one metadata answer leaves out comes back with all its records: none of them is new.
TEST(LagAnalyzer, ATopicThatComesBackCountsNothing) {
  PolledAnalyzer analyzer;
  analyzer.Update(PollOf({{0, 1000}}));
  ClusterSnapshot without = PollOf({});
  without.topics.clear();
  analyzer.Update(without);
  EXPECT_EQ(analyzer.Update(PollOf({{0, 1000}})).topics[0].records_produced, 0);
  EXPECT_EQ(analyzer.Update(PollOf({{0, 1001}})).topics[0].records_produced, 1);
}

TEST(LagAnalyzer, ATopicWithoutPartitionsKeepsThoseItHad) {
  PolledAnalyzer analyzer;
  analyzer.Update(PollOf({{0, 1000}}));
  const LagReport report = analyzer.Update(PollOf({}));
  EXPECT_EQ(report.topics[0].partition_count, 1u);
  EXPECT_EQ(report.topics[0].retained_records, 1000);
  EXPECT_EQ(analyzer.Update(PollOf({{0, 1004}})).topics[0].records_produced, 4);
}

TEST(LagAnalyzer, ACounterIsAbsentWhileAPartOfItIsNotKnown) {
  PolledAnalyzer analyzer;
  analyzer.Update(WithGroup({{0, 10}, {0, 10}}, {{0, 4}}));
  for (int missed = 1; missed <= 4; ++missed) {
    SCOPED_TRACE(missed);
    ClusterSnapshot seen = WithGroup({{0, 10}, {0, -1}}, {});
    seen.groups[0].committed_known = false;
    const LagReport report = analyzer.Update(seen);
    EXPECT_EQ(report.topics[0].records_produced, missed <= 2 ? 0 : kUnknown);
    EXPECT_EQ(report.group_topics[0].records_consumed, missed <= 2 ? 0 : kUnknown);
    EXPECT_EQ(report.group_topics[0].lost_records, missed <= 2 ? 0 : kUnknown);
  }
}

TEST(LagAnalyzer, ALagIsNotCarriedOverToATopicThatWasCreatedAgain) {
  PolledAnalyzer analyzer;
  ClusterSnapshot seen = WithGroup({{0, 1000000}}, {{0, 1}});
  seen.topics[0].id = {0, 1};
  analyzer.Update(seen);
  seen = WithGroup({{0, 3}}, {});
  seen.topics[0].id = {0, 2};
  seen.groups[0].committed_known = false;
  const LagReport report = analyzer.Update(seen);
  EXPECT_EQ(report.groups[0].lag, kUnknown);
  EXPECT_EQ(report.groups[0].unknown_partitions, 1);
}

// Counters may be absent, but what they were they never fall below.
void ExpectNotLess(std::int64_t now, std::int64_t& before) {
  if (now == kUnknown) return;
  EXPECT_GE(now, before);
  before = now;
}

// Random polls with random failures: whatever happens, these hold.
TEST(LagAnalyzer, InvariantsHoldUnderRandomFailures) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const auto chance = [&](int percent) { return static_cast<int>(random() % 100) < percent; };
    PolledAnalyzer analyzer;
    std::vector<LogSeen> logs(4);
    std::vector<kafka::Offset> committed(4, 0);
    LagReport before;
    std::int64_t produced = 0, consumed = 0, lost = 0;
    for (int poll = 0; poll < 40; ++poll) {
      for (int p = 0; p < 4; ++p) {
        logs[p].end += random() % 50;
        committed[p] = std::min<kafka::Offset>(logs[p].end, committed[p] + random() % 60);
        if (chance(10)) logs[p].start = std::min<kafka::Offset>(logs[p].end, logs[p].start + 30);
      }
      ClusterSnapshot seen = PollOf(logs);
      for (auto& log : seen.partitions) {
        if (chance(20)) log.end = log.last_stable = -1;
        if (chance(20)) log.start = -1;
      }
      if (!chance(10)) {
        AddGroup(seen, "g", {{0, committed[0]}, {1, committed[1]}, {2, committed[2]}});
        seen.groups[0].committed_known = !chance(20);
      } else {
        seen.groups_complete = false;
        seen.unlisted_groups = {"g"};
      }
      LagReport report = analyzer.Update(chance(10) ? Unreachable() : seen);
      SCOPED_TRACE("seed " + std::to_string(seed) + ", poll " + std::to_string(poll));
      for (const GroupReport& group : report.groups) {
        std::int64_t sum = 0;
        bool known = true;
        for (const PairReport& pair : report.pairs) {
          EXPECT_GE(pair.lag, kUnknown);
          EXPECT_LE(pair.effective_lag, std::max<std::int64_t>(pair.lag, 0));
          known = known && pair.lag != kUnknown;
          sum += pair.lag;
        }
        EXPECT_EQ(group.lag, known && !report.pairs.empty() ? sum : kUnknown);
      }
      if (!report.has_data) continue;
      if (before.has_data && !before.group_topics.empty() && !report.group_topics.empty()) {
        ExpectNotLess(report.group_topics[0].records_consumed, consumed);
        ExpectNotLess(report.group_topics[0].lost_records, lost);
      }
      if (before.has_data) {
        ExpectNotLess(report.topics[0].records_produced, produced);
      }
      before = std::move(report);
    }
  }
}

}  // namespace
}  // namespace backlogd::analysis
