#include "exposition/render.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exposition/page.h"
#include "exposition/page_parser.h"
#include "exposition/sample_reports.h"

namespace backlogd::exposition {
namespace {

using Level = DetailLevels::Level;

std::set<std::string> Families(const analysis::LagReport& report, const DetailLevels& detail) {
  Samples samples;
  Render(report, "east", detail, samples);
  std::set<std::string> names;
  for (const Samples::Family& family : samples.families) names.emplace(family.spec->name);
  return names;
}

std::set<std::string> Added(Level from, Level to) {
  std::set<std::string> added = Families(OrdersReport(), Detail(to));
  for (const std::string& name : Families(OrdersReport(), Detail(from))) {
    EXPECT_EQ(added.erase(name), 1U) << name;
  }
  return added;
}

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(Render, EachDetailLevelAddsItsFamilies) {
  EXPECT_EQ(
      Added(Level::kGroup, Level::kTopic),
      (std::set<std::string>{"backlogd_group_topic_lag_records", "backlogd_group_topic_lag_seconds",
                             "backlogd_group_topic_records_consumed_total",
                             "backlogd_group_topic_lost_records_total",
                             "backlogd_group_topic_uncommitted_partitions"}));
  EXPECT_EQ(Added(Level::kTopic, Level::kPartition),
            (std::set<std::string>{
                "backlogd_partition_log_start_offset", "backlogd_partition_log_end_offset",
                "backlogd_partition_last_stable_offset", "backlogd_group_partition_lag_records",
                "backlogd_group_partition_lag_seconds", "backlogd_group_partition_status"}));
  EXPECT_EQ(Added(Level::kPartition, Level::kFull),
            (std::set<std::string>{"backlogd_group_partition_committed_offset",
                                   "backlogd_group_partition_effective_lag_records"}));
}

// Group `billing` in full, the others without topics; partitions of usa.offer only.
class Mixed : public DetailLevels {
 public:
  Level For(std::string_view group, std::string_view) const override {
    return group == "billing" ? Level::kFull : Level::kGroup;
  }
  Level ForTopic(std::string_view topic) const override {
    return topic == "usa.offer" ? Level::kPartition : Level::kTopic;
  }
};

TEST(Render, DecidesDetailForEachGroupAndTopic) {
  const std::string text = RenderText(OrdersReport(), "east", Mixed());
  EXPECT_TRUE(Has(text,
                  "backlogd_group_partition_committed_offset{kafka_cluster=\"east\","
                  "group=\"billing\",topic=\"orders\",partition=\"0\"} 250\n"));
  EXPECT_TRUE(Has(text,
                  "backlogd_group_lag_records{kafka_cluster=\"east\","
                  "group=\"wps.file.consumer.group\"} 999999999993\n"));
  EXPECT_FALSE(Has(text, "group=\"wps.file.consumer.group\",topic="));
  EXPECT_TRUE(Has(text, "log_end_offset{kafka_cluster=\"east\",topic=\"usa.offer\""));
  EXPECT_FALSE(Has(text, "log_end_offset{kafka_cluster=\"east\",topic=\"orders\""));
  EXPECT_TRUE(Has(text, "topic_groups{kafka_cluster=\"east\",topic=\"orders\"} 2\n"));
}

TEST(Render, WithholdsAllButThePollsOutcomeWithoutData) {
  EXPECT_EQ(Families(WithheldReport(), Detail(Level::kFull)),
            (std::set<std::string>{"backlogd_up", "backlogd_poll_step_duration_seconds",
                                   "backlogd_poll_step_success", "backlogd_series_dropped",
                                   "backlogd_snapshot_timestamp_seconds"}));
}

TEST(Render, ShowsNoSnapshotTimeBeforeThereWasData) {
  analysis::LagReport report = WithheldReport();
  report.data_time = WallTime{};
  EXPECT_FALSE(
      Families(report, Detail(Level::kFull)).contains("backlogd_snapshot_timestamp_seconds"));
}

TEST(Render, UnknownIsAnAbsentSeries) {
  const std::string text = RenderText(UnknownsReport(), "east", Detail(Level::kFull));
  EXPECT_FALSE(Has(text, " -")) << text;
  constexpr std::string_view kAbsent[] = {
      "backlogd_topic_retained_records",
      "backlogd_topic_retention_seconds",
      "backlogd_topic_groups",
      "backlogd_group_members{",
      "backlogd_group_lag_records{",
      "backlogd_group_lag_seconds{",
      "backlogd_group_status{",
      "backlogd_group_backlog_cause{",
      "backlogd_group_drain_seconds{",
      "backlogd_group_retention_headroom_seconds{",
      "backlogd_group_members_needed{",
      "backlogd_group_last_commit_timestamp_seconds{",
      "_records_per_second{",
      "backlogd_group_topic_lag_seconds{",
      "backlogd_group_topic_lag_records{",
      R"(log_end_offset{kafka_cluster="east",topic="orders",partition="1")",
      R"(partition_lag_records{kafka_cluster="east",group="billing",topic="orders",partition="1")",
      R"(partition_lag_seconds{kafka_cluster="east",group="billing",topic="orders",partition="1")",
      R"(partition_status{kafka_cluster="east",group="billing",topic="orders",partition="1")",
      R"(group="unseen")",
      "cluster_info",
  };
  for (const std::string_view absent : kAbsent) EXPECT_FALSE(Has(text, absent)) << absent;
  EXPECT_TRUE(Has(text, "group_unknown_partitions{kafka_cluster=\"east\",group=\"billing\"} 1\n"));
}

TEST(Render, WritesTimesAsSeconds) {
  const std::pair<std::int64_t, std::string> cases[] = {
      {0, "0"},
      {1, "0.001"},
      {10, "0.01"},
      {100, "0.1"},
      {999, "0.999"},
      {1000, "1"},
      {1001, "1.001"},
      {1050, "1.05"},
      {1500, "1.5"},
      {60'000, "60"},
      {86'399'990, "86399.99"},
      {std::numeric_limits<std::int64_t>::max(), "9223372036854775.807"}};
  for (const auto& [ms, seconds] : cases) {
    ReportBuilder b;
    analysis::GroupReport group;
    group.name = "g";
    group.lag_ms = ms;
    b.Group(group);
    EXPECT_TRUE(Has(RenderText(b.report, "east", Detail(Level::kGroup)),
                    "group_lag_seconds{kafka_cluster=\"east\",group=\"g\"} " + seconds + "\n"))
        << seconds;
  }
}

TEST(Render, ShowsThePartitionsThatAreNotOk) {
  const std::string text = RenderText(OrdersReport(), "east", Detail(Level::kPartition));
  const std::string start = "group_partition_status{kafka_cluster=\"east\",group=\"billing\",";
  EXPECT_TRUE(Has(text, start + "topic=\"orders\",partition=\"0\",status=\"falling_behind\"} 1\n"));
  EXPECT_FALSE(Has(text, start + "topic=\"orders\",partition=\"1\""));
}

TEST(Render, NamesEachStatusAndCauseAsItsHelpDoes) {
  ReportBuilder b;
  analysis::GroupReport group;
  for (int i = 0; i < std::max(analysis::kStatusCount, analysis::kCauseCount); ++i) {
    group.name = "g" + std::to_string(i);
    if (i < analysis::kStatusCount) group.status = static_cast<analysis::Status>(i);
    if (i < analysis::kCauseCount) group.cause = static_cast<analysis::Cause>(i);
    b.Group(group);
    const std::string text = RenderText(b.report, "east", Detail(Level::kGroup));
    const std::string status(ToText(*group.status));
    const std::string cause(ToText(*group.cause));
    EXPECT_TRUE(Has(text, "group=\"" + group.name + "\",status=\"" + status + "\"} 1\n")) << text;
    EXPECT_TRUE(Has(text, "group=\"" + group.name + "\",cause=\"" + cause + "\"} 1\n")) << text;
    EXPECT_TRUE(Has(FindMetric("backlogd_group_status").help, status)) << status;
    EXPECT_TRUE(Has(FindMetric("backlogd_group_backlog_cause").help, cause)) << cause;
  }
}

TEST(Render, ShowsNoRateThatIsNoNumber) {
  analysis::LagReport report = OrdersReport();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  analysis::GroupReport& group = report.groups[0];
  group.inflow = nan;
  group.inflow_baseline = -nan;
  group.consumption = infinity;
  group.consumption_baseline = -infinity;
  group.member_capacity = nan;
  const std::string text = RenderText(report, "east", Detail(Level::kFull));
  EXPECT_FALSE(Has(text, "NaN")) << text;
  EXPECT_FALSE(Has(text, "Inf")) << text;
  EXPECT_FALSE(Has(text, "_per_second{kafka_cluster=\"east\",group=\"billing\"}")) << text;
}

TEST(Render, AStepThatWasNotTriedHasNoDuration) {
  const std::string text = RenderText(UnknownsReport(), "east", Detail(Level::kFull));
  EXPECT_TRUE(Has(text, "step_success{kafka_cluster=\"east\",step=\"describe_groups\"} 0\n"));
  EXPECT_FALSE(Has(text, "step_duration_seconds{kafka_cluster=\"east\",step=\"describe_groups\""));
  EXPECT_TRUE(Has(text, "step_duration_seconds{kafka_cluster=\"east\",step=\"list_groups\"} 5\n"));
}

TEST(Render, EscapesLabelValues) {
  const std::string text = RenderText(NamesReport(), "a\"b\\c\nd", Detail(Level::kGroup));
  EXPECT_TRUE(Has(text, R"(backlogd_up{kafka_cluster="a\"b\\c\nd"} 1)"));
  EXPECT_TRUE(Has(text, R"(,group="C:\\group\\n"} )"));
  EXPECT_TRUE(Has(text, R"(,group="}, group=\"x"} )"));
  EXPECT_TRUE(Has(text, R"(,rack="rack \"1\""} )"));
}

TEST(Render, KeepsApartNamesThatAreEqualOnceRepaired) {
  const std::string text = RenderText(NamesReport(), "east", Detail(Level::kGroup));
  for (const std::string_view name :
       {"bad\xEF\xBF\xBD", "bad\xEF\xBF\xBD~2", "bad\xEF\xBF\xBD~3"}) {
    EXPECT_TRUE(Has(text, "members{kafka_cluster=\"east\",group=\"" + std::string(name) + "\"}"))
        << name;
  }
}

// Groups of any bytes may commit on a queue, and what is the same series twice spoils a scrape.
TEST(Render, KeepsApartWhoHandlesAQueue) {
  ReportBuilder b;
  b.Topic("orders-dlt", {{0, 0, 0, 7, 7}});
  analysis::DeadLetterReport queue;
  queue.group = "bad\xFE";
  for (const std::string_view group : {"bad\xEF\xBF\xBD", "bad\xFF", "bad\xFE"}) {
    analysis::GroupReport member;
    member.name = group;
    member.members = 1;
    if (group != "bad\xFF") b.Group(member);  // one that is not watched
    queue.pending.push_back({std::string(group), 1});
  }
  b.report.dead_letters.push_back(queue);
  const std::string text = RenderText(b.report, "east", Detail(Level::kGroup));
  const std::string pending = "backlogd_dlq_pending_records{kafka_cluster=\"east\",group=\"bad";
  for (const std::string_view end : {"\xEF\xBF\xBD\"", "\xEF\xBF\xBD~2\"", "\xEF\xBF\xBD~3\""}) {
    EXPECT_TRUE(Has(text, pending + std::string(end))) << text;
  }
  // The same name of the same group everywhere.
  EXPECT_TRUE(Has(text, "members{kafka_cluster=\"east\",group=\"bad\xEF\xBF\xBD~2\"}"));
  EXPECT_TRUE(Has(text, "dlq_info{kafka_cluster=\"east\",group=\"bad\xEF\xBF\xBD~2\","));
}

TEST(Render, PutsAnIpv6AddressIntoBrackets) {
  const std::string text = RenderText(OrdersReport(), "east", Detail(Level::kGroup));
  EXPECT_TRUE(Has(text, "broker=\"2\",address=\"[2001:db8::2]:9092\",rack=\"\"} 1\n"));
  EXPECT_TRUE(Has(text, "broker=\"1\",address=\"kafka-1.example:9092\",rack=\"a\"} 1\n"));
}

TEST(Render, OverwritesALongerAndAShorterPage) {
  const Detail detail(Level::kFull);
  Samples reused;
  for (const auto& report : {NamesReport(), WithheldReport(), OrdersReport(), NamesReport()}) {
    Render(report, "east", detail, reused);
    EXPECT_EQ(reused.text, RenderText(report, "east", detail));
    EXPECT_EQ(reused.families.back().end, reused.text.size());
  }
}

TEST(Render, FamiliesCoverTheTextWithoutAGap) {
  Samples samples;
  Render(OrdersReport(), "east", Detail(Level::kFull), samples);
  std::size_t end = 0;
  for (const Samples::Family& family : samples.families) {
    EXPECT_EQ(family.begin, end);
    EXPECT_GT(family.series, 0U);
    end = family.end;
  }
  EXPECT_EQ(end, samples.text.size());
}

}  // namespace
}  // namespace backlogd::exposition
