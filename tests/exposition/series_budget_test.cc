#include "exposition/series_budget.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "exposition/sample_reports.h"

namespace backlogd::exposition {
namespace {

using analysis::LagReport;
using analysis::Status;
using Level = DetailLevels::Level;

constexpr Level kLevels[] = {Level::kGroup, Level::kTopic, Level::kPartition, Level::kFull};
constexpr std::string_view kWords[] = {"group", "topic", "partition", "full"};  // of levels

// The same level for everything, as far as the budget allows.
class Budget : public Detail {
 public:
  explicit Budget(std::uint64_t most, Level level = Level::kFull) : Detail(level), most_(most) {}
  std::uint64_t SeriesBudget() const override { return most_; }

 private:
  std::uint64_t most_;
};

// Nobody, each alone, all.
std::vector<Compatibility> Compatibilities() {
  std::vector<Compatibility> all = {{}, {{true, true, true, true}, true}};
  for (std::size_t i = 0; i < kPeers.size(); ++i) all.emplace_back().peers[i] = true;
  return all;
}

std::uint64_t CountOf(const Samples& samples) {
  std::uint64_t count = 0;
  for (const Samples::Family& family : samples.families) count += family.series;
  return count;
}

Samples Rendered(const LagReport& report, const DetailLevels& detail,
                 const Compatibility& compatibility = {}) {
  Samples samples;
  Render(report, "east", detail, samples, compatibility);
  return samples;
}

std::uint64_t MostOf(const LagReport& report, Level level,
                     const Compatibility& compatibility = {}) {
  Samples samples;
  const Detail detail(level);
  return MostSeries(Rendering(report, "east", detail, samples), compatibility);
}

bool Has(const Samples& samples, std::string_view part) {
  return samples.text.find(part) != std::string::npos;
}

std::vector<analysis::PartitionReport> Logs(int count) {
  std::vector<analysis::PartitionReport> logs;
  for (int i = 0; i < count; ++i) logs.push_back({0, i, 0, 90, 90, 1, 1, 3, 2});
  return logs;
}
std::vector<analysis::PairReport> Pairs(int count) {
  std::vector<analysis::PairReport> pairs;
  for (int i = 0; i < count; ++i) pairs.push_back({i, 40, 50, 50, 1500, Status::kStalled});
  return pairs;
}

analysis::GroupReport KnownGroup(std::string_view name) {
  analysis::GroupReport group;
  group.name = name;
  group.state = {kafka::GroupType::kClassic, kafka::GroupState::kStable, 1};
  group.members = 2;
  group.empty_members = 0;
  group.assigned_partitions = 3;
  group.lag = 50;
  group.max_lag = 50;
  group.unknown_partitions = 0;
  group.lag_ms = 1500;
  group.status = Status::kStalled;
  group.cause = analysis::Cause::kProducerSurge;
  group.drain_ms = 1;
  group.headroom_ms = 1;
  group.inflow = group.inflow_baseline = group.consumption = group.consumption_baseline = 1;
  group.member_capacity = 1;
  group.members_needed = 1;
  group.last_commit = kPollTime;
  return group;
}

void KnowTheRest(LagReport& report) {
  for (analysis::TopicReport& topic : report.topics) {
    topic.retention = std::chrono::hours(1);
    topic.groups = 1;
  }
  for (analysis::GroupTopicReport& read : report.group_topics) {
    read.assigned_partitions = 1;
    read.assigned_members = 1;
  }
}

// All is known, and every partition is in trouble: nothing can have more series.
LagReport WorstReport() {
  ReportBuilder b;
  b.report.cluster_id = "MkU3OEVBNTcwNTJENDM2Qg";
  b.report.brokers = {{1, "kafka-1", 9092, "a"}, {2, "kafka-2", 9092, ""}};
  b.report.client_statistics.resize(2);
  b.report.client_statistics[1].broker = 2;
  b.report.carried_values = 1;
  b.Topic("narrow", Logs(1)).Topic("wide", Logs(8));
  b.Group(KnownGroup("both")).Reads("narrow", Pairs(1)).Reads("wide", Pairs(8));
  b.Group(KnownGroup("one")).Reads("wide", Pairs(8));
  KnowTheRest(b.report);
  analysis::DeadLetterReport queue;
  queue.retained = queue.records = queue.expired = queue.scan_failures = 1;
  queue.pending = {{"a", 1}, {"b", 1}};
  queue.oldest = kPollTime;
  queue.handled_known = true;
  queue.classified = {{"", {}}, {"wide", {}}};
  b.report.dead_letters.push_back(queue);
  return b.report;
}

TEST(SeriesBudget, CountsAsManySeriesAsTheWorstReportHas) {
  const LagReport report = WorstReport();
  for (const Compatibility& compatibility : Compatibilities()) {
    for (const Level level : kLevels) {
      EXPECT_EQ(MostOf(report, level, compatibility),
                CountOf(Rendered(report, Detail(level), compatibility)))
          << testing::PrintToString(compatibility.peers) << kWords[static_cast<int>(level)];
    }
  }
}

// Groups of 9, 8, 7, 4 and 1 pairs, on topics of 8, 5 and 1 partitions.
LagReport SizesReport() {
  ReportBuilder b;
  b.Topic("mid", Logs(5)).Topic("narrow", Logs(1)).Topic("wide", Logs(8));
  b.Group(KnownGroup("a-one")).Reads("narrow", Pairs(1));
  b.Group(KnownGroup("b-eight")).Reads("wide", Pairs(8));
  b.Group(KnownGroup("c-four")).Reads("wide", Pairs(4));
  b.Group(KnownGroup("d-seven")).Reads("wide", Pairs(7));
  b.Group(KnownGroup("e-nine")).Reads("mid", Pairs(1)).Reads("wide", Pairs(8));
  b.Group(KnownGroup("f-none"));
  KnowTheRest(b.report);
  return b.report;
}

// The level of each group and topic, under a budget.
std::map<std::string, std::string> LevelsOf(const Rendering& r) {
  std::map<std::string, std::string> levels;
  for (const analysis::GroupReport& group : r.report.groups) {
    if (group.topic_count == 0) continue;
    const Level level = r.levels[group.first_topic];
    levels["group " + group.name] = kWords[static_cast<int>(level)];
    EXPECT_EQ(r.levels[group.first_topic + group.topic_count - 1], level) << "not as a whole";
  }
  for (std::size_t i = 0; i < r.report.topics.size(); ++i) {
    levels["topic " + r.report.topics[i].name] = kWords[static_cast<int>(r.topic_levels[i])];
  }
  return levels;
}

// Makes the budget smaller and smaller; returns what falls to which level, in that order.
std::vector<std::string> Falls(const LagReport& report) {
  std::vector<std::string> falls;
  std::map<std::string, std::string> before;
  for (std::uint64_t budget = MostOf(report, Level::kFull); budget > 0; --budget) {
    Samples samples;
    const Budget detail(budget);
    Rendering r(report, "east", detail, samples);
    KeepToBudget({}, r);
    const auto now = LevelsOf(r);
    for (const auto& [name, level] : now) {
      if (!before.empty() && before[name] != level) falls.push_back(name + ": " + level);
    }
    before = now;
  }
  return falls;
}

TEST(SeriesBudget, TakesDetailFromTheLargestFirst) {
  EXPECT_EQ(Falls(SizesReport()),
            (std::vector<std::string>{
                "group b-eight: partition", "group e-nine: partition", "group c-four: partition",
                "group d-seven: partition", "group a-one: partition",  //
                "group b-eight: topic", "group e-nine: topic", "group c-four: topic",
                "group d-seven: topic", "group a-one: topic",                    //
                "topic wide: topic", "topic mid: topic", "topic narrow: topic",  //
                "group b-eight: group", "group e-nine: group", "group c-four: group",
                "group d-seven: group", "group a-one: group"}));
}

std::uint64_t Sum(const DroppedSeries& dropped) {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : dropped) sum += count;
  return sum;
}

TEST(SeriesBudget, KeepsToTheBudgetAndSaysHowManySeriesAreLeftOut) {
  const LagReport report = WorstReport();
  for (const Compatibility& compatibility : Compatibilities()) {
    const std::uint64_t most = MostOf(report, Level::kFull, compatibility);
    const std::uint64_t least = MostOf(report, Level::kGroup, compatibility);
    for (std::uint64_t budget = 1; budget <= most + 1; ++budget) {
      const Samples samples = Rendered(report, Budget(budget), compatibility);
      EXPECT_LE(CountOf(samples), std::max(budget, least));
      EXPECT_EQ(CountOf(samples) + Sum(samples.dropped), most);
      EXPECT_EQ(Sum(samples.dropped) > 0, budget < most);
    }
  }
}

TEST(SeriesBudget, ShowsWhatItLeavesOut) {
  const LagReport report = SizesReport();  // 29 pairs, 6 readings of topics, 14 partitions
  struct Case {
    std::uint64_t fewer;  // than all
    std::uint64_t full, group_partition, topic_partition, group_topic;
  };
  const Case cases[] = {{0, 0, 0, 0, 0},      {1, 16, 0, 0, 0},     {17, 34, 0, 0, 0},
                        {58, 58, 0, 0, 0},    {59, 58, 24, 0, 0},   {145, 58, 87, 0, 0},
                        {146, 58, 87, 24, 0}, {188, 58, 87, 42, 5}, {9999, 58, 87, 42, 30}};
  for (const Case& one : cases) {
    const std::uint64_t most = MostOf(report, Level::kFull);
    const std::uint64_t budget = most - std::min(most - 1, one.fewer);
    const Samples samples = Rendered(report, Budget(budget));
    const auto expect = [&](std::string_view level, std::uint64_t count) {
      EXPECT_TRUE(Has(samples, "backlogd_series_dropped{kafka_cluster=\"east\",level=\"" +
                                   std::string(level) + "\"} " + std::to_string(count) + "\n"))
          << one.fewer << " " << level;
    };
    expect("full", one.full);
    expect("group_partition", one.group_partition);
    expect("topic_partition", one.topic_partition);
    expect("group_topic", one.group_topic);
  }
}

TEST(SeriesBudget, ShowsNothingLeftOutWithoutALimitOrData) {
  for (const LagReport& report : {WorstReport(), WithheldReport()}) {
    const Samples samples = Rendered(report, Budget(report.has_data ? 0 : 1));
    EXPECT_EQ(Sum(samples.dropped), 0U);
    EXPECT_TRUE(Has(samples, "backlogd_series_dropped{kafka_cluster=\"east\",level=\"full\"} 0\n"));
  }
}

TEST(SeriesBudget, LeavesWhatTheDetailHasNot) {
  const LagReport report = WorstReport();
  for (const Level level : kLevels) {
    const Samples samples = Rendered(report, Budget(1, level));
    EXPECT_EQ(samples.dropped[0] > 0, level >= Level::kFull);
    EXPECT_EQ(samples.dropped[1] > 0, level >= Level::kPartition);
    EXPECT_EQ(samples.dropped[2] > 0, level >= Level::kPartition);
    EXPECT_EQ(samples.dropped[3] > 0, level >= Level::kTopic);
  }
}

// The same cluster on a good day: nothing is late, and little is known.
LagReport QuietReport() {
  LagReport report = SizesReport();
  for (analysis::PairReport& pair : report.pairs) {
    pair.status = pair.partition % 2 == 0 ? std::optional(Status::kOk) : std::nullopt;
    pair.lag_ms = analysis::kUnknown;
  }
  for (analysis::GroupReport& group : report.groups) {
    group.cause.reset();
    group.drain_ms = analysis::kUnknown;
  }
  return report;
}

TEST(SeriesBudget, AnIncidentChangesNothing) {
  const LagReport bad = SizesReport();
  const LagReport good = QuietReport();
  EXPECT_EQ(MostOf(bad, Level::kFull), MostOf(good, Level::kFull));
  for (std::uint64_t budget = 1; budget < MostOf(bad, Level::kFull); ++budget) {
    EXPECT_EQ(Rendered(bad, Budget(budget)).dropped, Rendered(good, Budget(budget)).dropped);
  }
}

TEST(SeriesBudget, LeavesTheSumsOfTheGroupsAsTheyWere) {
  const LagReport report = WorstReport();
  const Compatibility all = Compatibilities()[1];
  const std::uint64_t most = MostOf(report, Level::kFull, all);
  const Samples whole = Rendered(report, Budget(0), all);
  // All of `full`, and the partitions of the group `both`.
  const Samples less = Rendered(report, Budget(most - 17 * (2 + 3) - 1), all);
  constexpr std::string_view kKept[] = {
      R"(backlogd_group_lag_records{kafka_cluster="east",group="both"} 50)",
      R"(backlogd_group_topic_lag_records{kafka_cluster="east",group="both",topic="wide"} 400)",
      R"(kafka_consumergroup_lag_sum{kafka_cluster="east",consumergroup="both",topic="wide"} 400)",
      R"(kminion_kafka_consumer_group_topic_lag{kafka_cluster="east",group_id="both",topic_name="wide"} 400)",
      R"(kafka_consumergroup_group_topic_sum_lag{cluster_name="east",group="both",topic="wide"} 400)",
      R"(burrow_kafka_consumer_lag_total{cluster="east",consumer_group="both"} 50)",
      R"(kafka_consumergroup_lag{kafka_cluster="east",consumergroup="one",topic="wide",partition="7"} 50)"};
  for (const std::string_view line : kKept) {
    EXPECT_TRUE(Has(whole, line)) << line;
    EXPECT_TRUE(Has(less, line)) << line;
  }
  constexpr std::string_view kGone[] = {R"(group="both",topic="wide",partition=)",
                                        R"(consumergroup="both",topic="wide",partition=)",
                                        R"(group_id="both",topic_name="wide",partition_id=)",
                                        R"(consumer_group="both",topic="wide",partition=)"};
  for (const std::string_view part : kGone) {
    EXPECT_TRUE(Has(whole, part)) << part;
    EXPECT_FALSE(Has(less, part)) << part;
  }
}

}  // namespace
}  // namespace backlogd::exposition
