#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exposition/rendering.h"

namespace backlogd::exposition {
namespace {

using analysis::GroupReport;
using analysis::GroupTopicReport;
using analysis::LagReport;
using analysis::PairReport;
using Level = DetailLevels::Level;

using Levels = std::vector<Level>;  // by index in report.group_topics

// Patterns are matched once a report, not once a family.
Levels PairLevels(const LagReport& report, const DetailLevels& detail) {
  Levels levels(report.group_topics.size());
  for (const GroupReport& group : report.groups) {
    for (std::size_t i = group.first_topic; i < group.first_topic + group.topic_count; ++i) {
      levels[i] = detail.For(group.name, report.topics[report.group_topics[i].topic].name);
    }
  }
  return levels;
}

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

void RenderGroups(Rendering& r, std::string_view family, Number<GroupReport> value) {
  RenderEach(r, family, r.report.groups, r.groups,
             [value](const GroupReport& group) { return group.*value; });
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
    const std::int64_t number = value(read);
    if (number < 0) return;
    r.out.Put(start);
    r.out.Put("} ");
    r.out.PutInteger(number);
    r.out.EndLine();
  };
  ForEachGroupTopic(r, family, levels, Level::kTopic, write);
}

void RenderPairs(Rendering& r, std::string_view family, const Levels& levels, Level least,
                 Number<PairReport> value) {
  const std::span all(r.report.pairs);
  const auto write = [&](std::string& start, const GroupTopicReport& read) {
    start += ",partition=\"";
    RenderPartitionLines(r.out, start, all.subspan(read.first_pair, read.pair_count), value);
  };
  ForEachGroupTopic(r, family, levels, least, write);
}

}  // namespace

void RenderGroupFamilies(Rendering& r) {
  RenderStates(r);
  RenderGroups(r, "backlogd_group_members", &GroupReport::members);
  RenderGroups(r, "backlogd_group_assigned_partitions", &GroupReport::assigned_partitions);
  RenderGroups(r, "backlogd_group_lag_records", &GroupReport::lag);
  RenderGroups(r, "backlogd_group_max_lag_records", &GroupReport::max_lag);
  RenderGroups(r, "backlogd_group_unknown_partitions", &GroupReport::unknown_partitions);

  const Levels levels = PairLevels(r.report, r.detail);
  RenderGroupTopics(r, "backlogd_group_topic_lag_records", levels,
                    [](const GroupTopicReport& read) { return read.lag; });
  RenderGroupTopics(r, "backlogd_group_topic_records_consumed_total", levels,
                    [](const GroupTopicReport& read) { return read.records_consumed; });
  RenderGroupTopics(r, "backlogd_group_topic_lost_records_total", levels,
                    [](const GroupTopicReport& read) { return read.lost_records; });
  RenderGroupTopics(r, "backlogd_group_topic_uncommitted_partitions", levels,
                    [](const GroupTopicReport& read) { return read.uncommitted_partitions; });

  RenderPairs(r, "backlogd_group_partition_lag_records", levels, Level::kPartition,
              &PairReport::lag);
  RenderPairs(r, "backlogd_group_partition_committed_offset", levels, Level::kFull,
              &PairReport::committed);
  RenderPairs(r, "backlogd_group_partition_effective_lag_records", levels, Level::kFull,
              &PairReport::effective_lag);
}

}  // namespace backlogd::exposition
