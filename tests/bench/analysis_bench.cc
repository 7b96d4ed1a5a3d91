#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <vector>

#include "analysis/offset_timeline.h"

// What analysis adds to a poll: for each partition one observed log end, for each lagging pair one
// time at which a record was written.
namespace backlogd::analysis {
namespace {

using std::chrono_literals::operator""s;

constexpr kafka::Offset kRecordsPerPoll = 1500;

// Timelines of `partitions` logs that are written evenly, each with all the points it can have.
class FullTimelines {
 public:
  explicit FullTimelines(std::size_t partitions) : timelines_(partitions) {
    for (int poll = 0; poll < 1000; ++poll) Poll();
  }

  void Poll() {
    now_ += 15s;
    end_ += kRecordsPerPoll;
    for (OffsetTimeline& timeline : timelines_) timeline.Observe(now_, end_);
  }
  kafka::Offset end() const { return end_; }
  const std::vector<OffsetTimeline>& timelines() const { return timelines_; }

 private:
  std::vector<OffsetTimeline> timelines_;
  WallTime now_{std::chrono::hours(500'000)};
  kafka::Offset end_ = 0;
};

std::size_t Partitions(const benchmark::State& state) {
  return static_cast<std::size_t>(state.range(0));
}

void ReportEach(benchmark::State& state) {
  state.counters["each"] = benchmark::Counter(
      static_cast<double>(state.range(0)),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void BM_Observe(benchmark::State& state) {
  FullTimelines logs(Partitions(state));
  for (auto _ : state) logs.Poll();
  ReportEach(state);
}

void BM_WrittenAt(benchmark::State& state) {
  const FullTimelines logs(Partitions(state));
  kafka::Offset lag = 0;
  for (auto _ : state) {
    for (const OffsetTimeline& timeline : logs.timelines()) {
      lag = (lag + 7919) % (logs.end() - kRecordsPerPoll);
      benchmark::DoNotOptimize(timeline.WrittenAt(logs.end() - 1 - lag));
    }
  }
  ReportEach(state);
}

// In the processor's cache, and not.
BENCHMARK(BM_Observe)->Arg(10)->Arg(100'000);
BENCHMARK(BM_WrittenAt)->Arg(10)->Arg(100'000);

}  // namespace
}  // namespace backlogd::analysis
