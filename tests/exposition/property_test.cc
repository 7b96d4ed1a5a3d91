#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "exposition/page.h"
#include "exposition/page_parser.h"
#include "exposition/sample_reports.h"
#include "exposition/series_budget.h"

// Whatever a report holds, the page can be read back, and holds the same numbers.
namespace backlogd::exposition {
namespace {

using analysis::LagReport;
using analysis::Status;
using Level = DetailLevels::Level;
using Expected = std::map<std::string, double>;

class RandomReports {
 public:
  explicit RandomReports(unsigned seed) : random_(seed) {}

  LagReport Next() {
    ReportBuilder b;
    b.report.cluster_id = Name();
    for (const std::string& name : Names(Below(8))) {
      b.Topic(name, Partitions(Below(5)));
      Fill(b.report.topics.back());
    }
    for (const std::string& name : Names(Below(10))) {
      b.Group(RandomGroup(name));
      for (const analysis::TopicReport& topic : b.report.topics) {
        if (Below(2) == 0) continue;
        b.Reads(topic.name, Pairs(topic.partition_count));
        Fill(b.report.group_topics.back());
      }
    }
    return b.report;
  }

 private:
  std::uint64_t Below(std::uint64_t end) { return random_() % end; }

  // Unknown, 0, or anything up to 2^53, which a double still holds.
  std::int64_t Number() {
    if (Below(4) == 0) return analysis::kUnknown;
    return static_cast<std::int64_t>(random_() >> (11 + Below(53)));
  }
  std::uint64_t Count() { return random_() >> (11 + Below(53)); }

  std::string Name() {
    constexpr std::string_view kPieces[] = {
        "a", "B.", "-", "\"", "\\", "\n",       "{",
        "}", ",",  " ", "=",  "#",  "\xC3\xA9", "\xF0\x9F\x98\x80"};
    std::string name;
    for (std::uint64_t i = Below(12) + 1; i > 0; --i) name += kPieces[Below(std::size(kPieces))];
    return name;
  }
  std::set<std::string> Names(std::uint64_t count) {
    std::set<std::string> names;
    for (; count > 0; --count) names.insert(Name());
    return names;
  }

  std::vector<analysis::PartitionReport> Partitions(std::uint64_t count) {
    std::vector<analysis::PartitionReport> partitions;
    for (std::uint64_t i = 0; i < count; ++i) {
      partitions.push_back({0, static_cast<int>(i * 1000), Number(), Number(), Number()});
    }
    return partitions;
  }
  std::vector<analysis::PairReport> Pairs(std::uint64_t count) {
    std::vector<analysis::PairReport> pairs;
    for (std::uint64_t i = 0; i < count; ++i) {
      if (Below(3) == 0) continue;
      pairs.push_back(
          {static_cast<int>(i * 1000), Number(), Number(), Number(), Number(), AnyStatus()});
    }
    return pairs;
  }
  std::optional<Status> AnyStatus() {
    if (Below(4) == 0) return {};
    return static_cast<Status>(Below(analysis::kStatusCount));
  }
  // Not known, whole or not, tiny or huge, or what no computation should yield.
  std::optional<double> Rate() {
    constexpr double kNoNumbers[] = {std::numeric_limits<double>::quiet_NaN(),
                                     std::numeric_limits<double>::infinity(),
                                     -std::numeric_limits<double>::infinity()};
    const std::uint64_t kind = Below(6);
    if (kind == 0) return {};
    if (kind == 1) return kNoNumbers[Below(std::size(kNoNumbers))];
    if (kind == 2) return static_cast<double>(Count());
    return static_cast<double>(Count()) / static_cast<double>(Count() + 1);
  }
  void Fill(analysis::TopicReport& topic) {
    topic.retained_records = Number();
    topic.records_produced = Number();
    topic.groups = Number();
    if (Below(2) == 0) topic.retention = std::chrono::milliseconds(Count());
  }
  void Fill(analysis::GroupTopicReport& read) {
    read.lag = Number();
    read.lag_ms = Number();
    read.records_consumed = Number();
    read.lost_records = Number();
    read.uncommitted_partitions = Number();
  }
  analysis::GroupReport RandomGroup(const std::string& name) {
    analysis::GroupReport group;
    group.name = name;
    if (Below(2) == 0) group.state = {kafka::GroupType::kConsumer, kafka::GroupState::kStable};
    group.members = Number();
    group.assigned_partitions = Number();
    group.lag = Number();
    group.max_lag = Number();
    group.unknown_partitions = Number();
    Judge(group);
    return group;
  }
  void Judge(analysis::GroupReport& group) {
    group.lag_ms = Number();
    group.status = AnyStatus();
    if (Below(2) == 0) group.cause = static_cast<analysis::Cause>(Below(analysis::kCauseCount));
    group.drain_ms = Number();
    group.headroom_ms = Number();
    group.member_capacity = Rate();
    group.members_needed = Number();
    if (Below(2) == 0) group.last_commit = WallTime(std::chrono::milliseconds(Count()));
    group.inflow = Rate();
    group.inflow_baseline = Rate();
    group.consumption = Rate();
    group.consumption_baseline = Rate();
  }

  std::mt19937_64 random_;
};

void Expect(const std::string& name, const std::string& labels, std::int64_t value, Expected& to) {
  if (value >= 0) to["backlogd_" + name + labels] = static_cast<double>(value);
}

void ExpectTime(const std::string& name, const std::string& labels, std::int64_t ms, Expected& to) {
  if (ms >= 0) to["backlogd_" + name + labels] = static_cast<double>(ms) / 1000;
}

void ExpectRate(const std::string& name, const std::string& labels, std::optional<double> rate,
                Expected& to) {
  const std::string key = "backlogd_group_" + name + "_records_per_second" + labels;
  if (rate && std::isfinite(*rate)) to[key] = *rate;
}

void ExpectTopic(const LagReport& report, const analysis::TopicReport& topic, Expected& to) {
  const std::string key = "|kafka_cluster=c|topic=" + topic.name;
  Expect("topic_partitions", key, topic.partition_count, to);
  Expect("topic_partitions_without_leader", key, 0, to);
  Expect("topic_partitions_under_replicated", key, 0, to);
  Expect("topic_retained_records", key, topic.retained_records, to);
  Expect("topic_records_produced_total", key, topic.records_produced, to);
  Expect("topic_groups", key, topic.groups, to);
  if (topic.retention) {
    to["backlogd_topic_retention_seconds" + key] =
        static_cast<double>(topic.retention->count()) / 1000;
  }
  for (std::uint32_t i = 0; i < topic.partition_count; ++i) {
    const analysis::PartitionReport& partition = report.partitions[topic.first_partition + i];
    const std::string at = "|kafka_cluster=c|partition=" + std::to_string(partition.partition) +
                           "|topic=" + topic.name;
    Expect("partition_log_start_offset", at, partition.start, to);
    Expect("partition_log_end_offset", at, partition.end, to);
    Expect("partition_last_stable_offset", at, partition.last_stable, to);
  }
}

void ExpectRead(const LagReport& report, const std::string& group,
                const analysis::GroupTopicReport& read, Expected& to) {
  const std::string& topic = report.topics[read.topic].name;
  const std::string key = "|group=" + group + "|kafka_cluster=c|topic=" + topic;
  Expect("group_topic_lag_records", key, read.lag, to);
  ExpectTime("group_topic_lag_seconds", key, read.lag_ms, to);
  Expect("group_topic_records_consumed_total", key, read.records_consumed, to);
  Expect("group_topic_lost_records_total", key, read.lost_records, to);
  Expect("group_topic_uncommitted_partitions", key, read.uncommitted_partitions, to);
  const std::string start = "|group=" + group + "|kafka_cluster=c|partition=";
  for (std::uint32_t i = 0; i < read.pair_count; ++i) {
    const analysis::PairReport& pair = report.pairs[read.first_pair + i];
    std::string at = start;
    at.append(std::to_string(pair.partition)).append("|topic=").append(topic);
    Expect("group_partition_lag_records", at, pair.lag, to);
    ExpectTime("group_partition_lag_seconds", at, pair.lag_ms, to);
    if (pair.status && *pair.status != Status::kOk) {
      std::string shown = start + std::to_string(pair.partition);
      shown.append("|status=").append(ToText(*pair.status)).append("|topic=").append(topic);
      Expect("group_partition_status", shown, 1, to);
    }
    Expect("group_partition_committed_offset", at, pair.committed, to);
    Expect("group_partition_effective_lag_records", at, pair.effective_lag, to);
  }
}

void ExpectJudgement(const analysis::GroupReport& group, const std::string& key, Expected& to) {
  ExpectTime("group_lag_seconds", key, group.lag_ms, to);
  if (group.status) {
    Expect("group_status", key + "|status=" + std::string(ToText(*group.status)), 1, to);
  }
  if (group.cause) {
    const std::string cause = "|cause=" + std::string(ToText(*group.cause));
    Expect("group_backlog_cause", cause + key, 1, to);
  }
  ExpectTime("group_drain_seconds", key, group.drain_ms, to);
  ExpectTime("group_retention_headroom_seconds", key, group.headroom_ms, to);
  ExpectRate("member_capacity", key, group.member_capacity, to);
  Expect("group_members_needed", key, group.members_needed, to);
  if (group.last_commit) {
    ExpectTime("group_last_commit_timestamp_seconds", key,
               group.last_commit->time_since_epoch().count(), to);
  }
  ExpectRate("inflow", key, group.inflow, to);
  ExpectRate("inflow_baseline", key, group.inflow_baseline, to);
  ExpectRate("consumption", key, group.consumption, to);
  ExpectRate("consumption_baseline", key, group.consumption_baseline, to);
}

void ExpectGroup(const LagReport& report, const analysis::GroupReport& group, Expected& to) {
  const std::string key = "|group=" + group.name + "|kafka_cluster=c";
  Expect("group_members", key, group.members, to);
  Expect("group_assigned_partitions", key, group.assigned_partitions, to);
  Expect("group_lag_records", key, group.lag, to);
  Expect("group_max_lag_records", key, group.max_lag, to);
  Expect("group_unknown_partitions", key, group.unknown_partitions, to);
  ExpectJudgement(group, key, to);
  if (group.state) Expect("group_state", key + "|state=Stable|type=Consumer", 1, to);
  for (std::uint32_t i = 0; i < group.topic_count; ++i) {
    ExpectRead(report, group.name, report.group_topics[group.first_topic + i], to);
  }
}

Expected ExpectedOf(const LagReport& report) {
  Expected expected;
  for (const analysis::TopicReport& topic : report.topics) ExpectTopic(report, topic, expected);
  for (const analysis::GroupReport& group : report.groups) ExpectGroup(report, group, expected);
  return expected;
}

// What a page says about topics and groups.
Expected ShownOn(const Page& page, Format format) {
  Expected shown = SeriesOf(ParsePage(Join(page.Pieces(format)), format));
  std::erase_if(shown, [](const auto& series) {
    return !series.first.starts_with("backlogd_group") &&
           !series.first.starts_with("backlogd_topic") &&
           !series.first.starts_with("backlogd_partition");
  });
  return shown;
}

TEST(Page, ReadsBackAsTheReportThatMadeIt) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    const LagReport report = RandomReports(seed).Next();
    auto samples = std::make_shared<Samples>();
    Render(report, "c", Detail(Level::kFull), *samples);
    const Page page({samples});
    EXPECT_EQ(ShownOn(page, Format::kText), ExpectedOf(report)) << "seed " << seed;
    EXPECT_EQ(ShownOn(page, Format::kOpenMetrics), ExpectedOf(report)) << "seed " << seed;
  }
}

TEST(Page, HasNoMoreSeriesThanTheBudgetCounts) {
  const Compatibility all = {{true, true, true, true}, true};
  for (unsigned seed = 0; seed < 200; ++seed) {
    const LagReport report = RandomReports(seed).Next();
    for (const Level level : {Level::kGroup, Level::kTopic, Level::kPartition, Level::kFull}) {
      Samples samples;
      const Detail detail(level);
      const std::uint64_t most = MostSeries(Rendering(report, "c", detail, samples), all);
      Render(report, "c", detail, samples, all);
      std::uint64_t series = 0;
      for (const Samples::Family& family : samples.families) series += family.series;
      EXPECT_LE(series, most) << "seed " << seed;
    }
  }
}

// Group names are bytes that a client chose: nothing may make a series stand twice.
TEST(Page, OfAnyBytesIsValidAndLosesNoGroup) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    std::set<std::string> names;
    for (int i = 0; i < 60; ++i) {
      std::string name;
      for (auto n = random() % 3 + 1; n > 0; --n) name += static_cast<char>(random() % 256);
      names.insert(name);
    }
    ReportBuilder b;
    for (const std::string& name : names) {
      analysis::GroupReport group;
      group.name = name;
      group.lag = 1;
      b.Group(group);
    }
    auto samples = std::make_shared<Samples>();
    Render(b.report, "c", Detail(Level::kFull), *samples);
    EXPECT_EQ(ShownOn(Page({samples}), Format::kText).size(), names.size()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace backlogd::exposition
