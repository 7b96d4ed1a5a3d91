#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exposition/rendering.h"

namespace backlogd::exposition {
namespace {

using analysis::GroupReport;
using analysis::GroupTopicReport;
using analysis::PairReport;
using analysis::Status;
using std::chrono::milliseconds;
using Level = DetailLevels::Level;

constexpr WallTime kNever{milliseconds(-1)};  // no line

using Levels = std::vector<Level>;  // by index in report.group_topics

void RenderStates(Rendering& r) {
  const std::string head = BeginLines(r, "backlogd_group_state");
  for (std::size_t i = 0; i < r.report.groups.size(); ++i) {
    const auto& state = r.report.groups[i].state;
    if (!state) continue;
    r.out.Put(head);
    r.out.Put(r.groups[i]);
    r.out.Put(",type=\"");
    r.out.Put(ToText(state->type));
    r.out.Put("\",state=\"");
    r.out.Put(ToText(state->state));
    r.out.Put("\"} 1");
    r.out.EndLine();
  }
}

// One line, whose value is 1, for each group that has such a word, as the label `label`.
template <typename Word>
void RenderWords(Rendering& r, std::string_view family, std::string_view label,
                 Member<std::optional<Word>, GroupReport> word) {
  const std::string head = BeginLines(r, family);
  for (std::size_t i = 0; i < r.report.groups.size(); ++i) {
    const std::optional<Word>& shown = r.report.groups[i].*word;
    if (!shown) continue;
    r.out.Put(head);
    r.out.Put(r.groups[i]);
    r.out.Put(",");
    r.out.Put(label);
    r.out.Put("=\"");
    r.out.Put(ToText(*shown));
    r.out.Put("\"} 1");
    r.out.EndLine();
  }
}

template <typename Value>
void RenderGroups(Rendering& r, std::string_view family, Member<Value, GroupReport> value) {
  RenderEach(r, family, r.report.groups, r.groups,
             [value](const GroupReport& group) { return group.*value; });
}

void RenderGroupTimes(Rendering& r, std::string_view family, Member<std::int64_t, GroupReport> ms) {
  RenderEach(r, family, r.report.groups, r.groups,
             [ms](const GroupReport& group) { return milliseconds(group.*ms); });
}

void RenderLastCommits(Rendering& r) {
  RenderEach(r, "backlogd_group_last_commit_timestamp_seconds", r.report.groups, r.groups,
             [](const GroupReport& group) {
               return group.last_commit.value_or(kNever).time_since_epoch();
             });
}

// Calls `write(start, read)` for each group's reading of a topic that has at least that level;
// `start` is the line up to the topic: name{kafka_cluster="..",group="..",topic=".."
template <typename Write>
void ForEachGroupTopic(Rendering& r, std::string_view family, const Levels& levels, Level least,
                       Write write) {
  std::string start = BeginLines(r, family);
  const std::size_t head_size = start.size();
  for (std::size_t g = 0; g < r.report.groups.size(); ++g) {
    const GroupReport& group = r.report.groups[g];
    start.resize(head_size);
    start += r.groups[g];
    const std::size_t group_size = start.size();
    for (std::size_t i = group.first_topic; i < group.first_topic + group.topic_count; ++i) {
      if (levels[i] < least) continue;
      start.resize(group_size);
      start += r.topics[r.report.group_topics[i].topic];
      write(start, r.report.group_topics[i]);
    }
  }
}

template <typename Value>
void RenderGroupTopics(Rendering& r, std::string_view family, const Levels& levels, Value value) {
  const auto write = [&](const std::string& start, const GroupTopicReport& read) {
    const auto number = value(read);
    if (!IsKnown(number)) return;
    r.out.Put(start);
    r.out.Put("} ");
    PutValue(r.out, number);
    r.out.EndLine();
  };
  ForEachGroupTopic(r, family, levels, Level::kTopic, write);
}

template <typename Value>
void RenderPairs(Rendering& r, std::string_view family, const Levels& levels, Level least,
                 Value value) {
  const std::span all(r.report.pairs);
  const auto write = [&](std::string& start, const GroupTopicReport& read) {
    start += ",partition=\"";
    RenderPartitionLines(r.out, start, all.subspan(read.first_pair, read.pair_count), value);
  };
  ForEachGroupTopic(r, family, levels, least, write);
}

// Almost every partition is ok: only the others cost a series.
void RenderPairStatuses(Rendering& r, const Levels& levels) {
  const std::span all(r.report.pairs);
  const auto write = [&](const std::string& start, const GroupTopicReport& read) {
    for (const PairReport& pair : all.subspan(read.first_pair, read.pair_count)) {
      if (pair.status.value_or(Status::kOk) == Status::kOk) continue;
      r.out.Put(start);
      r.out.Put(",partition=\"");
      r.out.PutInteger(pair.partition);
      r.out.Put("\",status=\"");
      r.out.Put(ToText(*pair.status));
      r.out.Put("\"} 1");
      r.out.EndLine();
    }
  };
  ForEachGroupTopic(r, "backlogd_group_partition_status", levels, Level::kPartition, write);
}

void RenderGroupLevel(Rendering& r) {
  RenderStates(r);
  RenderGroups(r, "backlogd_group_members", &GroupReport::members);
  RenderGroups(r, "backlogd_group_assigned_partitions", &GroupReport::assigned_partitions);
  RenderGroups(r, "backlogd_group_lag_records", &GroupReport::lag);
  RenderGroups(r, "backlogd_group_max_lag_records", &GroupReport::max_lag);
  RenderGroupTimes(r, "backlogd_group_lag_seconds", &GroupReport::lag_ms);
  RenderGroups(r, "backlogd_group_unknown_partitions", &GroupReport::unknown_partitions);
  RenderWords(r, "backlogd_group_status", "status", &GroupReport::status);
  RenderWords(r, "backlogd_group_backlog_cause", "cause", &GroupReport::cause);
  RenderGroupTimes(r, "backlogd_group_drain_seconds", &GroupReport::drain_ms);
  RenderGroupTimes(r, "backlogd_group_retention_headroom_seconds", &GroupReport::headroom_ms);
  RenderGroups(r, "backlogd_group_member_capacity_records_per_second",
               &GroupReport::member_capacity);
  RenderGroups(r, "backlogd_group_members_needed", &GroupReport::members_needed);
  RenderLastCommits(r);
  RenderGroups(r, "backlogd_group_inflow_records_per_second", &GroupReport::inflow);
  RenderGroups(r, "backlogd_group_inflow_baseline_records_per_second",
               &GroupReport::inflow_baseline);
  RenderGroups(r, "backlogd_group_consumption_records_per_second", &GroupReport::consumption);
  RenderGroups(r, "backlogd_group_consumption_baseline_records_per_second",
               &GroupReport::consumption_baseline);
}

void RenderGroupTopicLevel(Rendering& r, const Levels& levels) {
  RenderGroupTopics(r, "backlogd_group_topic_lag_records", levels,
                    [](const GroupTopicReport& read) { return read.lag; });
  RenderGroupTopics(r, "backlogd_group_topic_lag_seconds", levels,
                    [](const GroupTopicReport& read) { return milliseconds(read.lag_ms); });
  RenderGroupTopics(r, "backlogd_group_topic_records_consumed_total", levels,
                    [](const GroupTopicReport& read) { return read.records_consumed; });
  RenderGroupTopics(r, "backlogd_group_topic_lost_records_total", levels,
                    [](const GroupTopicReport& read) { return read.lost_records; });
  RenderGroupTopics(r, "backlogd_group_topic_uncommitted_partitions", levels,
                    [](const GroupTopicReport& read) { return read.uncommitted_partitions; });
}

void RenderPairLevel(Rendering& r, const Levels& levels) {
  RenderPairs(r, "backlogd_group_partition_lag_records", levels, Level::kPartition,
              [](const PairReport& pair) { return pair.lag; });
  RenderPairs(r, "backlogd_group_partition_lag_seconds", levels, Level::kPartition,
              [](const PairReport& pair) { return milliseconds(pair.lag_ms); });
  RenderPairStatuses(r, levels);
  RenderPairs(r, "backlogd_group_partition_committed_offset", levels, Level::kFull,
              [](const PairReport& pair) { return pair.committed; });
  RenderPairs(r, "backlogd_group_partition_effective_lag_records", levels, Level::kFull,
              [](const PairReport& pair) { return pair.effective_lag; });
}

}  // namespace

void RenderGroupFamilies(Rendering& r) {
  RenderGroupLevel(r);
  RenderGroupTopicLevel(r, r.levels);
  RenderPairLevel(r, r.levels);
}

}  // namespace backlogd::exposition
