// A cluster whose clock is right, watched by a daemon whose own clock is set at times.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "analysis/simulated_cluster.h"
#include "analysis/simulated_monitor.h"
#include "analysis/time_search.h"

namespace backlogd::analysis {
namespace {

using std::chrono::milliseconds;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr milliseconds kInterval = 15s;
constexpr milliseconds kJumps[] = {2s, 20s, 5min, 1h, 72h};

// Topic "t" has three partitions: one that nobody reads any more, one that is read too slowly, one
// that is read at once.
class WatchedCluster {
 public:
  explicit WatchedCluster(milliseconds clock_ahead)
      : clock_ahead_(clock_ahead), cluster_(1, WallTime(500'000h)) {
    SimulatedTopic& topic = cluster_.topics.emplace_back();
    topic.name = "t";
    topic.id = {1, 1};
    topic.partitions.resize(3);
    SimulatedGroup& group = cluster_.groups.emplace_back();
    group.name = "g";
    group.members = {{0}, {50}, {1000}};
    for (SimulatedPartition& partition : topic.partitions) {
      partition.rate = 100;
      partition.log.Append(cluster_.now() - 2h, cluster_.now() - 1h, 1000);
    }
    cluster_.Subscribe(0, group);
    cluster_.Rebalance(0ms, group);
    cluster_.Reset(500, group.positions[0]);
  }

  void Poll(int polls = 1) {
    for (; polls > 0; --polls) {
      cluster_.Advance(cluster_.now() + kInterval - 200ms);
      SimulatedCluster::Seen seen = cluster_.Poll(200ms, clock_ahead_);
      seen.snapshot.ends_steady -= slept_;
      truths_ = std::move(seen.truths);
      report_ = monitor_.Take(cluster_, std::move(seen.snapshot));
    }
  }
  // Nobody but the cluster's clients does anything for so long.
  void Sleep(milliseconds time) {
    cluster_.Advance(cluster_.now() + time);
    slept_ += time;
  }
  void SetClock(milliseconds ahead) { clock_ahead_ = ahead; }

  // Every age is there, and right by the cluster's clock.
  void DemandTrueAges() const {
    ASSERT_EQ(report_.pairs.size(), truths_.size());
    for (std::size_t i = 0; i < truths_.size(); ++i) {
      const milliseconds age(truths_[i].age_ms);
      const std::int64_t found = report_.pairs[i].lag_ms;
      ASSERT_NE(found, kUnknown) << "partition " << i << ", truly " << age.count() << " ms";
      EXPECT_LE(std::abs(found - age.count()), Tolerance(age, kInterval).count())
          << "partition " << i << ": " << found << " ms, truly " << age.count();
    }
  }

 private:
  milliseconds clock_ahead_;
  milliseconds slept_{0};
  SimulatedCluster cluster_;
  SimulatedMonitor monitor_;
  std::vector<PairTruth> truths_;
  LagReport report_;
};

// The clock is off by `jump`, is put right after some polls, and is right from then on.
void PutRight(milliseconds jump) {
  for (const int polls : {1, 2, 30}) {
    SCOPED_TRACE(testing::Message() << jump.count() << " ms off, for " << polls << " polls");
    WatchedCluster watched(jump);
    watched.Poll(polls);
    watched.SetClock(0ms);
    for (int i = 0; i < 30 && !testing::Test::HasFailure(); ++i) {
      watched.Poll();
      watched.DemandTrueAges();
    }
  }
}

TEST(ClockJumps, AgesAreRightAsSoonAsAClockIsThatWasBehind) {
  for (const milliseconds jump : kJumps) PutRight(-jump);
}

TEST(ClockJumps, AgesAreRightAsSoonAsAClockIsThatWasAhead) {
  for (const milliseconds jump : kJumps) PutRight(jump);
}

TEST(ClockJumps, AgesAreRightAfterTheMachineSlept) {
  for (const milliseconds time : kJumps) {
    SCOPED_TRACE(time.count());
    WatchedCluster watched(0ms);
    watched.Poll(30);
    watched.Sleep(time);
    for (int i = 0; i < 30 && !testing::Test::HasFailure(); ++i) {
      watched.Poll();
      watched.DemandTrueAges();
    }
  }
}

}  // namespace
}  // namespace backlogd::analysis
