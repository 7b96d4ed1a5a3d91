#include "analysis/lag_analyzer.h"

#include <gtest/gtest.h>

#include <random>
#include <span>

namespace backlogd::analysis {
namespace {

using kafka::GroupState;
using snapshot::ClusterSnapshot;
using snapshot::Step;
using std::chrono_literals::operator""s;

struct LogSeen {
  kafka::Offset start = 0;
  kafka::Offset end = 0;
};
using Commits = std::vector<std::pair<int, kafka::Offset>>;  // (partition, offset)

// A poll that saw one topic "t" of these logs, and the groups that are added.
ClusterSnapshot PollOf(std::vector<LogSeen> logs) {
  ClusterSnapshot seen;
  seen.metadata_known = true;
  seen.groups_complete = true;
  seen.topics.push_back({"t", 0, static_cast<std::uint32_t>(logs.size()), {}, {}});
  for (int i = 0; i < std::ssize(logs); ++i) {
    seen.partitions.push_back({0, i, 1, 1, 1, logs[i].start, logs[i].end, logs[i].end});
  }
  return seen;
}

snapshot::Group& AddGroup(ClusterSnapshot& seen, const std::string& name, const Commits& commits) {
  snapshot::Group group;
  group.name = name;
  group.type = kafka::GroupType::kClassic;
  group.state = GroupState::kEmpty;
  group.described = true;
  group.committed_known = true;
  group.first_committed = static_cast<std::uint32_t>(seen.committed.size());
  group.committed_count = static_cast<std::uint32_t>(commits.size());
  for (auto [partition, offset] : commits) seen.committed.push_back({0, partition, offset});
  return seen.groups.emplace_back(std::move(group));
}

void Assign(ClusterSnapshot& seen, snapshot::Group& group, const std::vector<int>& partitions) {
  group.state = GroupState::kStable;
  group.members = 1;
  group.first_assigned = static_cast<std::uint32_t>(seen.assigned.size());
  group.assigned_count = static_cast<std::uint32_t>(partitions.size());
  for (int partition : partitions) seen.assigned.push_back({0, partition});
}

ClusterSnapshot WithGroup(std::vector<LogSeen> logs, const Commits& commits) {
  ClusterSnapshot seen = PollOf(std::move(logs));
  AddGroup(seen, "g", commits);
  return seen;
}

ClusterSnapshot Unreachable() {
  ClusterSnapshot seen;
  seen.failures.push_back({Step::kMetadata, ErrorKind::kTimeout, 1, "timed out"});
  return seen;
}

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
    const LagReport report = LagAnalyzer().Update(WithGroup({c.log}, {{0, c.committed}}));
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
      LagAnalyzer().Update(WithGroup({{0, 10}, {0, 20}, {0, 30}}, {{0, 9}, {1, 5}, {2, 30}}));
  EXPECT_EQ(report.groups[0].lag, 16);
  EXPECT_EQ(report.groups[0].max_lag, 15);
  EXPECT_EQ(report.groups[0].unknown_partitions, 0);
  EXPECT_EQ(report.topics[0].groups, 1);
}

TEST(LagAnalyzer, AGroupThatNeverCommittedHasNoLag) {
  ClusterSnapshot seen = PollOf({{0, 10}, {0, 10}});
  Assign(seen, AddGroup(seen, "g", {}), {0, 1});
  const LagReport report = LagAnalyzer().Update(seen);
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
  const LagReport report = LagAnalyzer().Update(seen);
  EXPECT_EQ(report.group_topics[0].uncommitted_partitions, 2);
  EXPECT_EQ(report.groups[0].lag, 6);
}

// What one poll cannot read keeps its value for two polls, then is absent, with every sum of it.
TEST(LagAnalyzer, CarriesAMissingLogEndForTwoPolls) {
  LagAnalyzer analyzer;
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
  LagAnalyzer analyzer;
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
  const LagReport report = LagAnalyzer().Update(seen);
  EXPECT_EQ(report.groups[0].lag, kUnknown);
  EXPECT_EQ(report.groups[0].unknown_partitions, kUnknown);
  EXPECT_EQ(report.topics[0].groups, kUnknown);
  ASSERT_EQ(report.group_topics.size(), 1u);
  EXPECT_EQ(report.group_topics[0].uncommitted_partitions, kUnknown);
  EXPECT_EQ(report.group_topics[0].records_consumed, kUnknown);
}

TEST(LagAnalyzer, WithholdsEverythingAfterThreeMissedPolls) {
  LagAnalyzer analyzer;
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
    EXPECT_EQ(LagAnalyzer().Update(seen).up, up) << ToText(kind);
  }
}

TEST(LagAnalyzer, AGroupThatMayExistIsKept) {
  LagAnalyzer analyzer;
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
  LagAnalyzer analyzer;
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
    LagAnalyzer analyzer;
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
  LagAnalyzer analyzer;
  analyzer.Update(Unreachable());
  EXPECT_EQ(analyzer.Update(PollOf({{0, 10}})).topics[0].records_produced, 0);
  EXPECT_EQ(analyzer.Update(PollOf({{0, 10}, {0, 3}})).topics[0].records_produced, 3);
}

// A topic that one metadata answer leaves out comes back with all its records: none of them is new.
TEST(LagAnalyzer, ATopicThatComesBackCountsNothing) {
  LagAnalyzer analyzer;
  analyzer.Update(PollOf({{0, 1000}}));
  ClusterSnapshot without = PollOf({});
  without.topics.clear();
  analyzer.Update(without);
  EXPECT_EQ(analyzer.Update(PollOf({{0, 1000}})).topics[0].records_produced, 0);
  EXPECT_EQ(analyzer.Update(PollOf({{0, 1001}})).topics[0].records_produced, 1);
}

TEST(LagAnalyzer, ATopicWithoutPartitionsKeepsThoseItHad) {
  LagAnalyzer analyzer;
  analyzer.Update(PollOf({{0, 1000}}));
  const LagReport report = analyzer.Update(PollOf({}));
  EXPECT_EQ(report.topics[0].partition_count, 1u);
  EXPECT_EQ(report.topics[0].retained_records, 1000);
  EXPECT_EQ(analyzer.Update(PollOf({{0, 1004}})).topics[0].records_produced, 4);
}

TEST(LagAnalyzer, ACounterIsAbsentWhileAPartOfItIsNotKnown) {
  LagAnalyzer analyzer;
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
  LagAnalyzer analyzer;
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
  LagAnalyzer analyzer;
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
  const LagReport report = LagAnalyzer().Update(seen);
  EXPECT_EQ(report.topics[0].partitions_without_leader, 1u);
  EXPECT_EQ(report.topics[0].partitions_under_replicated, 1u);
}

TEST(LagAnalyzer, RetentionIsThatOfTopicsThatDelete) {
  ClusterSnapshot seen = PollOf({{0, 1}});
  seen.topics[0].config = kafka::TopicConfig{true, 60s, {}};
  EXPECT_EQ(LagAnalyzer().Update(seen).topics[0].retention, 60s);
  seen.topics[0].config->deletes = false;
  EXPECT_EQ(LagAnalyzer().Update(seen).topics[0].retention, std::nullopt);
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
    LagAnalyzer analyzer;
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
