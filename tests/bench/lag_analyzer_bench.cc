#include <benchmark/benchmark.h>
#include <malloc.h>

#include <string>

#include "analysis/lag_analyzer.h"

// What one poll costs the analysis, and what it keeps: of cluster L (2,000 partitions, 200 groups,
// 40,000 pairs) after a day of polls, when every history is full. No broker, no lookups.

namespace backlogd::analysis {
namespace {

constexpr std::uint32_t kTopics = 100;
constexpr std::uint32_t kPartitions = 20;  // of a topic
constexpr std::uint32_t kTopicsOfAGroup = 10;
constexpr std::chrono::seconds kInterval{15};

// A cluster in which each partition gets some records in each poll, and each group reads so that
// its lag is steady.
class Cluster {
 public:
  Cluster(std::uint32_t groups, kafka::Offset lag) : groups_(groups), lag_(lag) {}

  snapshot::ClusterSnapshot Poll() {
    now_ += kInterval;
    ++polls_;
    snapshot::ClusterSnapshot seen;
    seen.taken_at = seen.ends_at = now_;
    seen.ends_steady = snapshot::SteadyTime(now_.time_since_epoch());
    seen.metadata_known = seen.groups_complete = true;
    AddTopics(seen);
    AddGroups(seen);
    return seen;
  }

 private:
  kafka::Offset End(std::uint32_t topic, std::uint32_t partition) const {
    return 1'000'000 + polls_ * (100 + topic * 7 % 50 + partition);
  }

  void AddTopics(snapshot::ClusterSnapshot& seen) const {
    for (std::uint32_t t = 0; t < kTopics; ++t) {
      seen.topics.push_back({"topic-" + std::to_string(100 + t), t * kPartitions, kPartitions,
                             kafka::TopicId{1, t},
                             kafka::TopicConfig{true, kInterval * 100'000, {}}});
      for (std::uint32_t p = 0; p < kPartitions; ++p) {
        const kafka::Offset end = End(t, p);
        seen.partitions.push_back({t, static_cast<kafka::PartitionId>(p), 1, 1, 1, 0, end, end});
      }
    }
  }

  void AddGroups(snapshot::ClusterSnapshot& seen) const {
    for (std::uint32_t g = 0; g < groups_; ++g) {
      snapshot::Group group;
      group.name = "group-" + std::to_string(100'000 + g);
      group.state = kafka::GroupState::kStable;
      group.described = group.committed_known = true;
      group.members = 10;
      group.first_assigned = static_cast<std::uint32_t>(seen.assigned.size());
      group.first_committed = static_cast<std::uint32_t>(seen.committed.size());
      for (std::uint32_t t = 0; t < kTopicsOfAGroup; ++t) {
        // Ten topics next to one another, in the order of their names.
        const std::uint32_t topic = g % (kTopics / kTopicsOfAGroup) * kTopicsOfAGroup + t;
        for (std::uint32_t p = 0; p < kPartitions; ++p) {
          const auto partition = static_cast<kafka::PartitionId>(p);
          seen.committed.push_back({topic, partition, End(topic, p) - lag_});
          seen.assigned.push_back({topic, partition});
        }
      }
      group.committed_count =
          static_cast<std::uint32_t>(seen.committed.size()) - group.first_committed;
      group.assigned_count = group.committed_count;
      seen.groups.push_back(std::move(group));
    }
  }

  const std::uint32_t groups_;
  const kafka::Offset lag_;
  WallTime now_{std::chrono::hours(500'000)};
  std::int64_t polls_ = 0;
};

// Bytes that malloc has given out, with what it adds to each block.
std::size_t Allocated() {
  const struct mallinfo2 memory = mallinfo2();
  return memory.uordblks + memory.hblkhd;
}

void Run(LagAnalyzer& analyzer, snapshot::ClusterSnapshot seen) {
  analyzer.Fold(std::move(seen));
  benchmark::DoNotOptimize(analyzer.WantedTimes(10'000));
}

// Bytes that an analyzer of so many groups keeps after a day.
std::size_t Kept(std::uint32_t groups, kafka::Offset lag) {
  Cluster cluster(groups, lag);
  const std::size_t before = Allocated();
  LagAnalyzer analyzer({});
  for (int poll = 0; poll < 24 * 240; ++poll) {
    Run(analyzer, cluster.Poll());
  }
  return Allocated() - before;
}

void BM_Poll(benchmark::State& state) {
  Cluster cluster(200, state.range(0));
  LagAnalyzer analyzer({});
  for (int poll = 0; poll < 2000; ++poll) Run(analyzer, cluster.Poll());
  for (auto _ : state) {
    state.PauseTiming();
    snapshot::ClusterSnapshot seen = cluster.Poll();
    state.ResumeTiming();
    Run(analyzer, std::move(seen));
    benchmark::DoNotOptimize(analyzer.Report());
  }
  state.SetItemsProcessed(state.iterations() * 40'000);
}
BENCHMARK(BM_Poll)->Name("Poll/no_lag")->Arg(0)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Poll)->Name("Poll/all_lag_an_hour")->Arg(30'000)->Unit(benchmark::kMillisecond);

void BM_Memory(benchmark::State& state) {
  for (auto _ : state) {
    const std::size_t logs = Kept(0, 0);
    const std::size_t all = Kept(20, 30'000);
    state.counters["bytes_per_partition"] = static_cast<double>(logs) / (kTopics * kPartitions);
    state.counters["bytes_per_pair"] =
        static_cast<double>(all - logs) / (20 * kTopicsOfAGroup * kPartitions);
  }
}
BENCHMARK(BM_Memory)->Name("Memory")->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace backlogd::analysis
