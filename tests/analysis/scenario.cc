#include "analysis/scenario.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

namespace backlogd::analysis {
namespace {

using std::chrono::milliseconds;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr WallTime kBegin{500'000h};
constexpr milliseconds kInterval = 15s;

int Environment(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

AnalysisSettings Settings() {
  AnalysisSettings settings;
  settings.reads_committed = [](std::string_view group) {
    return group == Scenario::kReadsCommitted;
  };
  return settings;
}

template <typename T>
std::string_view NameOf(const std::optional<T>& what) {
  return what ? ToText(*what) : "none";
}

}  // namespace

void ForEachSeed(int count, const std::function<void(std::uint64_t seed)>& body) {
  const int first = Environment("BACKLOGD_FIRST_SEED", 1);
  const int seeds = Environment("BACKLOGD_SEEDS", count);
  for (int i = 0; i < seeds && !testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE("BACKLOGD_FIRST_SEED=" + std::to_string(first + i));
    body(static_cast<std::uint64_t>(first) + static_cast<std::uint64_t>(i));
  }
}

Scenario::Scenario(std::uint64_t seed, int least_partitions, int most_partitions)
    : draw(seed), cluster(seed, kBegin), monitor_(Settings()) {
  SimulatedTopic& made = cluster.topics.emplace_back();
  made.name = "orders";
  made.id = {1, 1};
  made.noise = draw.Chance(0.3) ? 0 : draw.Real(0, 0.3);
  made.partitions.resize(static_cast<std::size_t>(draw.Whole(least_partitions, most_partitions)));
  const double rate = draw.Magnitude(2, 500);
  for (SimulatedPartition& partition : made.partitions) partition.rate = rate * draw.Real(0.8, 1.2);
  WritePast();
  if (draw.Chance(0.3)) {
    made.burst_period = std::chrono::seconds(draw.Whole(5, 45));
    made.burst_share = draw.Real(0.2, 0.9);
  }
  SimulatedGroup& reader = cluster.groups.emplace_back();
  reader.name = "billing";
  if (draw.Chance(0.5)) reader.type = kafka::GroupType::kConsumer;
  reader.commit_interval = milliseconds(draw.Whole(1'000, 10'000));
  cluster.Subscribe(0, reader);
}

// Up to a day of records, at rates that change.
void Scenario::WritePast() {
  for (SimulatedPartition& partition : topic().partitions) {
    WallTime at = kBegin - milliseconds(draw.Whole(0, 86'400'000));
    while (at < kBegin) {
      const WallTime until = std::min(kBegin, at + milliseconds(draw.Whole(1'000, 1'200'000)));
      const double seconds = std::chrono::duration<double>(until - at).count();
      partition.log.Append(at, until,
                           static_cast<std::int64_t>(partition.rate * seconds * draw.Real(0, 2)));
      at = until;
    }
  }
}

double Scenario::inflow() const {
  double sum = 0;
  for (const SimulatedPartition& partition : cluster.topics[0].partitions) sum += partition.rate;
  return sum;
}

void Scenario::Consumers(int members, double ratio) {
  group().members.assign(static_cast<std::size_t>(members), {});
  cluster.Rebalance(0ms, group());
  // Each reads so much faster than its own partitions are written.
  for (const SimulatedPosition& position : group().positions) {
    const auto partition = static_cast<std::size_t>(position.partition);
    group().members[static_cast<std::size_t>(position.member)].capacity +=
        ratio * topic().partitions[partition].rate;
  }
}

void Scenario::MultiplyInflow(double factor) {
  for (SimulatedPartition& partition : topic().partitions) partition.rate *= factor;
}

void Scenario::Watch(int polls) {
  for (int i = 0; i < polls && !testing::Test::HasFailure(); ++i) {
    cluster.Advance(cluster.now() + kInterval - 1s + milliseconds(draw.Whole(0, 500)));
    if (report_.has_data && draw.Chance(0.02)) continue;  // the poll before took too long
    Poll();
    Tell();
  }
}

void Scenario::Hold(int polls, Status status, std::optional<Cause> cause) {
  for (int i = 0; i < polls && !testing::Test::HasFailure(); ++i) {
    Watch(1);
    EXPECT_EQ(NameOf(last().status), ToText(status)) << Story();
    EXPECT_EQ(NameOf(last().cause), NameOf(cause)) << Story();
  }
}

void Scenario::Poll() {
  // After three that fail there would be no data.
  if (report_.has_data && failed_ < 2 && draw.Chance(0.02)) {
    ++failed_;
    snapshot::ClusterSnapshot failed;
    failed.taken_at = cluster.now();
    report_ = monitor_.Take(cluster, std::move(failed));
    EXPECT_TRUE(watch_.FindWrong(report_).empty());
    return;
  }
  failed_ = 0;
  SimulatedCluster::Seen seen = cluster.Poll(milliseconds(draw.Whole(20, 1'000)));
  if (draw.Chance(0.05)) {  // what a daemon says that starts now
    Compare(SimulatedMonitor(Settings()).Take(cluster, seen.snapshot), seen.truths);
  }
  report_ = monitor_.Take(cluster, std::move(seen.snapshot));
  for (const std::string& wrong : FindContradictions(report_)) ADD_FAILURE() << wrong;
  for (const std::string& wrong : watch_.FindWrong(report_)) ADD_FAILURE() << wrong;
  most_rounds_ = std::max(most_rounds_, monitor_.rounds());
  Compare(report_, seen.truths);
  CompareCounters();
  NoteStatus();
}

void Scenario::Compare(const LagReport& report, std::span<const PairTruth> truths) const {
  ASSERT_EQ(report.pairs.size(), truths.size());
  for (std::size_t i = 0; i < truths.size(); ++i) {
    const PairReport& pair = report.pairs[i];
    EXPECT_EQ(pair.lag, truths[i].lag);
    ASSERT_NE(pair.lag_ms, kUnknown) << "true age: " << truths[i].age_ms << " ms";
    const auto allowed = std::max<double>(static_cast<double>(kInterval.count()),
                                          0.05 * static_cast<double>(truths[i].age_ms));
    EXPECT_NEAR(static_cast<double>(pair.lag_ms), static_cast<double>(truths[i].age_ms), allowed);
  }
}

void Scenario::CompareCounters() {
  if (report_.pairs.empty() || resets) return;
  std::int64_t committed = 0;
  for (const PairReport& pair : report_.pairs) committed += pair.committed;
  if (!committed_) committed_ = committed;
  EXPECT_EQ(report_.group_topics.at(0).records_consumed, committed - *committed_);
}

void Scenario::NoteStatus() {
  const std::optional<Status> now = last().status;
  if (!now) return;
  if (status_ && *status_ != *now) ++changes_;
  status_ = now;
}

void Scenario::Tell() {
  std::string now(NameOf(last().status));
  if (last().cause) now += "(" + std::string(NameOf(last().cause)) + ")";
  if (story_.empty() || story_.back().first != now) story_.emplace_back(now, 0);
  ++story_.back().second;
}

std::string Scenario::Story() const {
  std::string story;
  for (const auto& [what, polls] : story_) story += what + " x" + std::to_string(polls) + ", ";
  return story + "lag " + std::to_string(last().lag);
}

}  // namespace backlogd::analysis
