#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "exposition/page.h"
#include "exposition/render.h"

// From a report to a compressed page, of cluster L (2,000 partitions, 200 groups, 40,000 pairs) and
// of cluster XL (2,000 partitions, 5,000 groups, 139,600 pairs), with detail `partition`.
namespace backlogd::exposition {
namespace {

constexpr std::uint32_t kTopics = 200;
constexpr std::uint32_t kPartitionsPerTopic = 10;

class PartitionDetail : public DetailLevels {
 public:
  Level For(std::string_view, std::string_view) const override { return Level::kPartition; }
  Level ForTopic(std::string_view) const override { return Level::kPartition; }
};

// Numbers as different from each other as real offsets are.
class Offsets {
 public:
  std::int64_t Next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::int64_t>((state_ >> 33) % 1'000'000'000);
  }

 private:
  std::uint64_t state_ = 1;
};

void AddTopics(Offsets& offsets, analysis::LagReport& to) {
  for (std::uint32_t t = 0; t < kTopics; ++t) {
    analysis::TopicReport topic;
    topic.name = "shop.orders.region-" + std::to_string(10000 + t);
    topic.first_partition = t * kPartitionsPerTopic;
    topic.partition_count = kPartitionsPerTopic;
    topic.retained_records = offsets.Next();
    topic.retention = std::chrono::hours(168);
    topic.groups = 20;
    to.topics.push_back(topic);
    for (std::uint32_t p = 0; p < kPartitionsPerTopic; ++p) {
      const std::int64_t start = offsets.Next();
      to.partitions.push_back(
          {t, static_cast<kafka::PartitionId>(p), start, start + 1000, start + 1000});
    }
  }
}

// One partition in a hundred is not ok.
analysis::Status StatusOf(std::int64_t lag) {
  return lag % 100 == 0 ? analysis::Status::kFallingBehind : analysis::Status::kOk;
}

// All that can be known of a group.
void Judge(Offsets& offsets, analysis::GroupReport& group) {
  group.lag_ms = offsets.Next();
  group.status = analysis::Status::kFallingBehind;
  group.cause = analysis::Cause::kProducerSurge;
  group.drain_ms = offsets.Next();
  group.headroom_ms = offsets.Next();
  group.inflow = static_cast<double>(offsets.Next()) / 300;
  group.inflow_baseline = static_cast<double>(offsets.Next()) / 300;
  group.consumption = static_cast<double>(offsets.Next()) / 300;
  group.consumption_baseline = static_cast<double>(offsets.Next()) / 300;
  group.member_capacity = static_cast<double>(offsets.Next()) / 300;
  group.members_needed = 5;
  group.last_commit = WallTime(std::chrono::milliseconds(1'750'000'000'000 + offsets.Next()));
}

void AddGroup(std::uint32_t number, std::uint32_t pairs, Offsets& offsets,
              analysis::LagReport& to) {
  analysis::GroupReport group;
  group.name = "order.service.consumer.group-" + std::to_string(10000 + number);
  group.state = {kafka::GroupType::kClassic, kafka::GroupState::kStable};
  group.members = 4;
  group.assigned_partitions = pairs;
  group.lag = offsets.Next();
  group.max_lag = group.lag / 3;
  group.unknown_partitions = 0;
  Judge(offsets, group);
  group.first_topic = static_cast<std::uint32_t>(to.group_topics.size());
  for (std::uint32_t first = 0; first < pairs; first += kPartitionsPerTopic) {
    analysis::GroupTopicReport read;
    read.topic = (number + first / kPartitionsPerTopic) % kTopics;
    read.first_pair = static_cast<std::uint32_t>(to.pairs.size());
    read.pair_count = std::min(kPartitionsPerTopic, pairs - first);
    read.lag = offsets.Next();
    read.lag_ms = offsets.Next();
    read.uncommitted_partitions = 0;
    for (std::uint32_t p = 0; p < read.pair_count; ++p) {
      const std::int64_t lag = offsets.Next() % 100'000;
      to.pairs.push_back({static_cast<kafka::PartitionId>(p), offsets.Next(), lag, lag,
                          offsets.Next() % 1'000'000, StatusOf(lag)});
    }
    to.group_topics.push_back(read);
    ++group.topic_count;
  }
  to.groups.push_back(group);
}

analysis::LagReport MakeReport(std::uint32_t groups, std::uint32_t pairs) {
  Offsets offsets;
  analysis::LagReport report;
  report.has_data = true;
  report.up = true;
  AddTopics(offsets, report);
  for (std::uint32_t g = 0; g < groups; ++g) {
    AddGroup(g, pairs / groups + (g < pairs % groups ? 1 : 0), offsets, report);
  }
  return report;
}

std::size_t Series(const Samples& samples) {
  std::size_t series = 0;
  for (const Samples::Family& family : samples.families) series += family.series;
  return series;
}

analysis::LagReport ReportOf(const benchmark::State& state) {
  return MakeReport(static_cast<std::uint32_t>(state.range(0)),
                    static_cast<std::uint32_t>(state.range(1)));
}

std::shared_ptr<const Samples> SamplesOf(const benchmark::State& state) {
  auto samples = std::make_shared<Samples>();
  Render(ReportOf(state), "production", PartitionDetail(), *samples);
  return samples;
}

void ReportSeries(const Samples& samples, benchmark::State& state) {
  const auto series = static_cast<double>(Series(samples));
  state.counters["series"] = series;
  state.counters["bytes"] = static_cast<double>(samples.text.size());
  state.counters["per_series"] = benchmark::Counter(
      series, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void BM_Render(benchmark::State& state) {
  const analysis::LagReport report = ReportOf(state);
  Samples samples;
  for (auto _ : state) Render(report, "production", PartitionDetail(), samples);
  ReportSeries(samples, state);
}

// With the names of all the exporters that we can stand in for.
void BM_RenderPeers(benchmark::State& state) {
  const analysis::LagReport report = ReportOf(state);
  const Compatibility all = {{true, true, true, true}, false};
  Samples samples;
  for (auto _ : state) Render(report, "production", PartitionDetail(), samples, all);
  ReportSeries(samples, state);
}

// The first page, or one that an old page's memory was not kept for.
void BM_RenderIntoNewMemory(benchmark::State& state) {
  const analysis::LagReport report = ReportOf(state);
  Samples samples;
  for (auto _ : state) {
    samples = Samples();
    Render(report, "production", PartitionDetail(), samples);
  }
  ReportSeries(samples, state);
}

void BM_Page(benchmark::State& state) {
  const std::shared_ptr<const Samples> samples = SamplesOf(state);
  for (auto _ : state) {
    Page page({samples});
    benchmark::DoNotOptimize(page.Size(Format::kText));
  }
}

void BM_Compress(benchmark::State& state) {
  Page page({SamplesOf(state)});
  for (auto _ : state) page.Compress(Format::kText);
  state.counters["bytes"] = static_cast<double>(page.Size(Format::kText));
  state.counters["gzip_bytes"] = static_cast<double>(page.Gzip(Format::kText)->size());
}

void LAndXl(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"groups", "pairs"})->Args({200, 40'000})->Args({5'000, 139'600});
  benchmark->Unit(benchmark::kMillisecond);
}
BENCHMARK(BM_Render)->Apply(LAndXl);
BENCHMARK(BM_RenderPeers)->Apply(LAndXl);
BENCHMARK(BM_RenderIntoNewMemory)->Apply(LAndXl);
BENCHMARK(BM_Page)->Apply(LAndXl);
BENCHMARK(BM_Compress)->Apply(LAndXl);

}  // namespace
}  // namespace backlogd::exposition
