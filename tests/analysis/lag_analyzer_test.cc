#include "analysis/lag_analyzer.h"

#include <gtest/gtest.h>

#include "analysis/polls.h"

namespace backlogd::analysis {
namespace {

TEST(LagAnalyzer, LagIsLogEndMinusCommitted) {
  struct Case {
    std::string what;
    LogSeen log;
    kafka::Offset committed;
    std::int64_t lag;
    std::int64_t effective_lag;
  };
  for (const Case& c : std::vector<Case>{
           {"behind", {0, 100}, 60, 40, 40},
           {"at the end", {0, 100}, 100, 0, 0},
           {"nothing read", {0, 100}, 0, 100, 100},
           {"committed below the log start", {30, 100}, 10, 90, 70},
           {"committed beyond the log end", {0, 100}, 150, 0, 0},
           {"an emptied log", {100, 100}, 10, 90, 0},
           {"an empty log", {0, 0}, 0, 0, 0},
       }) {
    SCOPED_TRACE(c.what);
    const LagReport report = PolledAnalyzer().Update(WithGroup({c.log}, {{0, c.committed}}));
    ASSERT_EQ(report.pairs.size(), 1u);
    EXPECT_EQ(report.pairs[0].lag, c.lag);
    EXPECT_EQ(report.pairs[0].effective_lag, c.effective_lag);
    EXPECT_EQ(report.pairs[0].committed, c.committed);
    EXPECT_EQ(report.groups[0].lag, c.lag);
    EXPECT_EQ(report.group_topics[0].lag, c.lag);
    EXPECT_EQ(report.topics[0].retained_records, c.log.end - c.log.start);
  }
}

TEST(LagAnalyzer, SumsAndWorstOfAGroup) {
  const LagReport report =
      PolledAnalyzer().Update(WithGroup({{0, 10}, {0, 20}, {0, 30}}, {{0, 9}, {1, 5}, {2, 30}}));
  EXPECT_EQ(report.groups[0].lag, 16);
  EXPECT_EQ(report.groups[0].max_lag, 15);
  EXPECT_EQ(report.groups[0].unknown_partitions, 0);
  EXPECT_EQ(report.topics[0].groups, 1);
}

TEST(LagAnalyzer, AGroupThatNeverCommittedHasNoLag) {
  ClusterSnapshot seen = PollOf({{0, 10}, {0, 10}});
  Assign(seen, AddGroup(seen, "g", {}), {0, 1});
  const LagReport report = PolledAnalyzer().Update(seen);
  EXPECT_EQ(report.groups[0].lag, kUnknown);
  EXPECT_EQ(report.groups[0].max_lag, kUnknown);
  EXPECT_EQ(report.groups[0].members, 1);
  EXPECT_EQ(report.groups[0].assigned_partitions, 2);
  ASSERT_EQ(report.group_topics.size(), 1u);
  EXPECT_EQ(report.group_topics[0].lag, kUnknown);
  EXPECT_EQ(report.group_topics[0].uncommitted_partitions, 2);
  EXPECT_EQ(report.topics[0].groups, 0);
}

TEST(LagAnalyzer, CountsAssignedPartitionsWithoutCommit) {
  ClusterSnapshot seen = PollOf({{0, 10}, {0, 10}, {0, 10}});
  Assign(seen, AddGroup(seen, "g", {{1, 4}}), {0, 1, 2});
  const LagReport report = PolledAnalyzer().Update(seen);
  EXPECT_EQ(report.group_topics[0].uncommitted_partitions, 2);
  EXPECT_EQ(report.groups[0].lag, 6);
}

// What one poll cannot read keeps its value for two polls, then is absent, with every sum of it.
TEST(LagAnalyzer, CarriesAMissingLogEndForTwoPolls) {
  PolledAnalyzer analyzer;
  analyzer.Update(WithGroup({{0, 10}, {0, 10}}, {{0, 4}, {1, 4}}));
  for (int missed = 1; missed <= 4; ++missed) {
    SCOPED_TRACE(missed);
    ClusterSnapshot seen = WithGroup({{0, 12}, {0, -1}}, {{0, 4}, {1, 8}});
    seen.failures.push_back({Step::kLogEndOffsets, ErrorKind::kTimeout, 1, ""});
    const LagReport report = analyzer.Update(seen);
    const bool carried = missed <= 2;
    EXPECT_FALSE(report.up);
    EXPECT_EQ(report.partitions[1].end, carried ? 10 : kUnknown);
    EXPECT_EQ(report.pairs[0].lag, 8) << "the other partition is fresh";
    EXPECT_EQ(report.pairs[1].lag, carried ? 6 : kUnknown) << "not a new commit with an old end";
    EXPECT_EQ(report.groups[0].lag, carried ? 14 : kUnknown);
    EXPECT_EQ(report.groups[0].max_lag, carried ? 8 : kUnknown);
    EXPECT_EQ(report.groups[0].unknown_partitions, carried ? 0 : 1);
    EXPECT_EQ(report.topics[0].retained_records, carried ? 22 : kUnknown);
    EXPECT_EQ(report.carried_values, carried ? 3u : 0u);  // end, last stable, lag
  }
  const LagReport back = analyzer.Update(WithGroup({{0, 12}, {0, 11}}, {{0, 4}, {1, 8}}));
  EXPECT_TRUE(back.up);
  EXPECT_EQ(back.groups[0].lag, 11);
  EXPECT_EQ(back.carried_values, 0u);
}

TEST(LagAnalyzer, CarriesMissingCommitsForTwoPolls) {
  PolledAnalyzer analyzer;
  analyzer.Update(WithGroup({{0, 10}}, {{0, 4}}));
  for (int missed = 1; missed <= 4; ++missed) {
    SCOPED_TRACE(missed);
    ClusterSnapshot seen = WithGroup({{0, 20}}, {});
    seen.groups[0].committed_known = false;
    const LagReport report = analyzer.Update(seen);
    const bool carried = missed <= 2;
    EXPECT_EQ(report.groups[0].lag, carried ? 6 : kUnknown);
    EXPECT_EQ(report.groups[0].unknown_partitions, carried ? 0 : 1);
    EXPECT_EQ(report.pairs[0].committed, carried ? 4 : kUnknown);
    EXPECT_EQ(report.topics[0].groups, carried ? 1 : kUnknown);
  }
}

TEST(LagAnalyzer, CommitsNeverReadAreUnknownNotZero) {
  ClusterSnapshot seen = PollOf({{0, 10}});
  Assign(seen, AddGroup(seen, "g", {}), {0});
  seen.groups[0].committed_known = false;
  const LagReport report = PolledAnalyzer().Update(seen);
  EXPECT_EQ(report.groups[0].lag, kUnknown);
  EXPECT_EQ(report.groups[0].unknown_partitions, kUnknown);
  EXPECT_EQ(report.topics[0].groups, kUnknown);
  ASSERT_EQ(report.group_topics.size(), 1u);
  EXPECT_EQ(report.group_topics[0].uncommitted_partitions, kUnknown);
  EXPECT_EQ(report.group_topics[0].records_consumed, kUnknown);
}

TEST(LagAnalyzer, WithholdsEverythingAfterThreeMissedPolls) {
  PolledAnalyzer analyzer;
  EXPECT_FALSE(analyzer.Update(Unreachable()).has_data);
  ClusterSnapshot seen = WithGroup({{0, 10}}, {{0, 4}});
  seen.taken_at = WallTime{100s};
  EXPECT_TRUE(analyzer.Update(seen).up);
  for (int missed = 1; missed <= 4; ++missed) {
    SCOPED_TRACE(missed);
    ClusterSnapshot none = Unreachable();
    none.taken_at = WallTime{200s};
    const LagReport report = analyzer.Update(none);
    EXPECT_FALSE(report.up);
    EXPECT_EQ(report.has_data, missed <= 2);
    EXPECT_EQ(report.taken_at, WallTime{200s});
    EXPECT_EQ(report.data_time, WallTime{100s});
    EXPECT_EQ(report.groups.size(), missed <= 2 ? 1u : 0u);
    EXPECT_EQ(report.failures.size(), 1u);
    if (missed <= 2) {
      EXPECT_EQ(report.groups[0].lag, 6);
    }
  }
  EXPECT_EQ(analyzer.Update(WithGroup({{0, 15}}, {{0, 4}})).topics[0].records_produced, 5)
      << "counters survive";
}

TEST(LagAnalyzer, UpMeansThatEveryBrokerAnswered) {
  for (auto [kind, up] : {std::pair(ErrorKind::kTimeout, false),
                          {ErrorKind::kUnreachable, false},
                          {ErrorKind::kNoLeader, false},
                          {ErrorKind::kOther, false},
                          {ErrorKind::kAuthentication, false},
                          {ErrorKind::kUnauthorized, true},
                          {ErrorKind::kUnsupported, true}}) {
    ClusterSnapshot seen = PollOf({{0, 1}});
    seen.failures.push_back({Step::kCommittedOffsets, kind, 1, ""});
    EXPECT_EQ(PolledAnalyzer().Update(seen).up, up) << ToText(kind);
  }
}

TEST(LagAnalyzer, AGroupThatMayExistIsKept) {
  PolledAnalyzer analyzer;
  ClusterSnapshot first = WithGroup({{0, 10}}, {{0, 4}});
  AddGroup(first, "h", {{0, 4}});
  analyzer.Update(first);
  for (int missed = 1; missed <= 4; ++missed) {
    SCOPED_TRACE(missed);
    ClusterSnapshot seen = PollOf({{0, 10}});
    seen.groups_complete = false;
    seen.unlisted_groups = {"g"};
    const LagReport report = analyzer.Update(seen);
    ASSERT_EQ(report.groups.size(), 1u) << "h was deleted, whatever is with g";
    EXPECT_EQ(report.groups[0].name, "g");
    EXPECT_EQ(report.groups[0].state.has_value(), missed <= 2);
    EXPECT_EQ(report.groups[0].lag, missed <= 2 ? 6 : kUnknown);
    EXPECT_EQ(report.groups[0].unknown_partitions, missed <= 2 ? 0 : 1);
    EXPECT_EQ(report.topics[0].groups, kUnknown) << "others may read it that nobody listed";
  }
  EXPECT_TRUE(analyzer.Update(PollOf({{0, 10}})).groups.empty());
}

TEST(LagAnalyzer, KeepsADescriptionForThreePolls) {
  PolledAnalyzer analyzer;
  ClusterSnapshot seen = PollOf({{0, 10}});
  Assign(seen, AddGroup(seen, "g", {{0, 4}}), {0});
  analyzer.Update(seen);
  for (int missed = 1; missed <= 5; ++missed) {
    ClusterSnapshot next = WithGroup({{0, 10}}, {{0, 4}});
    next.groups[0].state = GroupState::kStable;
    next.groups[0].described = false;
    const LagReport report = analyzer.Update(next);
    EXPECT_EQ(report.groups[0].members, missed <= 3 ? 1 : kUnknown) << missed;
    EXPECT_EQ(report.groups[0].assigned_partitions, missed <= 3 ? 1 : kUnknown) << missed;
    EXPECT_EQ(report.group_topics[0].uncommitted_partitions, missed <= 3 ? 0 : kUnknown) << missed;
  }
}

TEST(LagAnalyzer, FollowsTopicsAsTheirIndexesShift) {
  const auto poll = [](const std::vector<std::string>& topics, kafka::Offset committed) {
    ClusterSnapshot seen = PollOf({});
    seen.topics.clear();
    for (std::uint32_t i = 0; i < topics.size(); ++i) {
      seen.topics.push_back({topics[i], i, 1, {}, {}});
      seen.partitions.push_back({i, 0, 1, 1, 1, 0, 100, 100});
      if (topics[i] == "m") {
        AddGroup(seen, "g", {{0, committed}});
        seen.committed.back().topic = i;
      }
    }
    return seen;
  };
  PolledAnalyzer analyzer;
  analyzer.Update(poll({"m", "z"}, 10));
  LagReport report = analyzer.Update(poll({"a", "b", "m"}, 15));
  EXPECT_EQ(report.topics[report.group_topics[0].topic].name, "m");
  EXPECT_EQ(report.group_topics[0].records_consumed, 5);
  report = analyzer.Update(poll({"m"}, 18));
  EXPECT_EQ(report.group_topics[0].topic, 0u);
  EXPECT_EQ(report.group_topics[0].records_consumed, 8);
  EXPECT_EQ(report.group_topics[0].lag, 82);
}

TEST(LagAnalyzer, CountsPartitionsInTrouble) {
  ClusterSnapshot seen = PollOf({{0, 1}, {0, 1}, {0, 1}});
  seen.partitions[0].leader = kafka::kNoBroker;
  seen.partitions[1].replicas = 3;
  const LagReport report = PolledAnalyzer().Update(seen);
  EXPECT_EQ(report.topics[0].partitions_without_leader, 1u);
  EXPECT_EQ(report.topics[0].partitions_under_replicated, 1u);
}

TEST(LagAnalyzer, RetentionIsThatOfTopicsThatDelete) {
  ClusterSnapshot seen = PollOf({{0, 1}});
  seen.topics[0].config = kafka::TopicConfig{true, 60s, {}};
  EXPECT_EQ(PolledAnalyzer().Update(seen).topics[0].retention, 60s);
  seen.topics[0].config->deletes = false;
  EXPECT_EQ(PolledAnalyzer().Update(seen).topics[0].retention, std::nullopt);
}

}  // namespace
}  // namespace backlogd::analysis
