// The scenarios of an operator's life, in virtual time, many times over: what status and cause a
// group has within a stated number of polls, and how often the status changes on the way. Each poll
// also checks the time lags and what holds always, see Scenario.

#include <gtest/gtest.h>

#include "analysis/scenario.h"

namespace backlogd::analysis {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr int kSeeds = 300;
constexpr int kWindow = 20;  // polls

// What producers write goes up and down by up to 30 % in each second, and no more.
void BeSteady(Scenario& run) { run.topic().burst_period = 0ms; }

// Normal times, long enough to know what is normal.
void WatchNormalTimes(int members, Scenario& run) {
  run.Consumers(members, run.draw.Real(1.3, 2.5));
  run.Watch(run.draw.Whole(2 * kWindow + 5, 3 * kWindow));
  EXPECT_EQ(run.last().status, Status::kOk);
  EXPECT_EQ(run.changes(), 0) << run.Story();
}

TEST(Scenarios, ProducersSurge) {
  ForEachSeed(kSeeds, [](std::uint64_t seed) {
    Scenario run(seed, 1, 6);
    BeSteady(run);
    const double ratio = run.draw.Real(1.6, 2);
    run.Consumers(run.draw.Whole(1, 3), ratio);
    run.Watch(run.draw.Whole(45, 60));
    run.Hold(1, Status::kOk, {});

    const double surge = run.draw.Real(2.6, 4);
    run.CountChanges();
    run.MultiplyInflow(surge);
    run.Watch(40);
    run.Hold(12, Status::kFallingBehind, Cause::kProducerSurge);
    EXPECT_LE(run.changes(), 1) << run.Story();

    run.MultiplyInflow(1 / surge);
    run.Watch(24);
    for (int i = 0; i < 6; ++i) {
      run.Watch(1);
      EXPECT_LE(run.last().status, Status::kCatchingUp) << run.Story();
    }
    EXPECT_LE(run.changes(), 2) << run.Story();
    // A group that is late by less than half a window may keep up already.
    const auto lag = static_cast<double>(run.last().lag);
    if (run.report().pairs.size() > 1 || lag < 150 * run.inflow()) return;
    const double seconds = lag / (run.group().members[0].capacity - run.inflow());
    EXPECT_NEAR(static_cast<double>(run.last().drain_ms) / 1000, seconds, 0.3 * seconds);
  });
}

TEST(Scenarios, AConsumerSlowsToAThird) {
  ForEachSeed(kSeeds, [](std::uint64_t seed) {
    Scenario run(seed, 1, 6);
    BeSteady(run);
    WatchNormalTimes(1, run);
    run.CountChanges();
    run.group().members[0].capacity = run.inflow() / 3;
    run.Watch(24);
    run.Hold(12, Status::kFallingBehind, Cause::kConsumerSlowdown);
    EXPECT_LE(run.changes(), 1) << run.Story();
  });
}

TEST(Scenarios, AConsumerStops) {
  ForEachSeed(kSeeds, [](std::uint64_t seed) {
    Scenario run(seed, 1, 6);
    BeSteady(run);
    WatchNormalTimes(1 + static_cast<int>(seed % 3), run);
    run.CountChanges();
    run.group().members[0].reads = false;
    run.Watch(30);
    run.Hold(12, Status::kStalled, Cause::kConsumerStopped);
    EXPECT_LE(run.changes(), 2) << run.Story();
  });
}

TEST(Scenarios, AllMembersLeave) {
  ForEachSeed(kSeeds, [](std::uint64_t seed) {
    Scenario run(seed, 1, 6);
    BeSteady(run);
    WatchNormalTimes(2, run);
    run.CountChanges();
    run.group().members.clear();
    run.cluster.Rebalance(0ms, run.group());
    run.Watch(16);
    run.Hold(12, Status::kStopped, Cause::kConsumerStopped);
    EXPECT_LE(run.changes(), 2) << run.Story();
  });
}

TEST(Scenarios, OnePartitionIsStuck) {
  ForEachSeed(kSeeds, [](std::uint64_t seed) {
    Scenario run(seed, 2, 8);
    BeSteady(run);
    WatchNormalTimes(2, run);
    run.CountChanges();
    run.group().positions[0].stuck = true;
    run.Watch(30);
    run.Hold(12, Status::kStalled, Cause::kConsumerStopped);
    EXPECT_LE(run.changes(), 2) << run.Story();
  });
}

TEST(Scenarios, OneKeyIsHot) {
  ForEachSeed(kSeeds, [](std::uint64_t seed) {
    Scenario run(seed, 3, 8);
    BeSteady(run);
    WatchNormalTimes(8, run);
    run.CountChanges();
    run.topic().partitions[0].rate *= run.draw.Real(8, 20);
    run.Watch(24);
    run.Hold(12, Status::kFallingBehind, Cause::kSkew);
    EXPECT_LE(run.changes(), 1) << run.Story();
  });
}

TEST(Scenarios, MoreMembersThanPartitions) {
  ForEachSeed(kSeeds, [](std::uint64_t seed) {
    Scenario run(seed, 1, 6);
    BeSteady(run);
    const int partitions = static_cast<int>(run.topic().partitions.size());
    run.Consumers(partitions + run.draw.Whole(0, 3), 1.1);
    run.Watch(run.draw.Whole(45, 60));
    const double capacity = 1.1 * run.inflow() / partitions;  // of one that has a partition
    run.CountChanges();
    run.MultiplyInflow(run.draw.Real(1.35, 1.45));
    run.Watch(52);
    run.Hold(20, Status::kFallingBehind, Cause::kTooFewPartitions);
    EXPECT_EQ(run.changes(), 1) << run.Story();
    EXPECT_EQ(run.last().members_needed, partitions);
    EXPECT_NEAR(run.last().member_capacity.value_or(0), capacity, 0.1 * capacity);
  });
}

TEST(Scenarios, AConsumerIsALittleTooSlow) {
  ForEachSeed(kSeeds, [](std::uint64_t seed) {
    Scenario run(seed, 2, 8);
    BeSteady(run);
    WatchNormalTimes(1, run);
    run.CountChanges();
    run.group().members[0].capacity = 0.9 * run.inflow();
    run.Watch(90);  // it takes that long until a third of a window waits
    run.Hold(40, Status::kFallingBehind, Cause::kUnderprovisioned);
    EXPECT_EQ(run.changes(), 1) << run.Story();
    EXPECT_NEAR(run.last().member_capacity.value_or(0) / run.group().members[0].capacity, 1, 0.1);
    EXPECT_GE(run.last().members_needed, 2);
  });
}

TEST(Scenarios, AnOperatorResetsOffsets) {
  ForEachSeed(kSeeds, [](std::uint64_t seed) {
    Scenario run(seed, 1, 6);
    WatchNormalTimes(2, run);
    const auto members = run.group().members;
    run.group().members.clear();
    run.cluster.Rebalance(0ms, run.group());
    run.Watch(2);
    run.CountChanges();
    run.resets = true;
    const auto minutes = run.draw.Whole(6, 10);
    for (SimulatedPosition& position : run.group().positions) {
      const auto back =
          run.cluster.LogOf(position).FirstFrom(run.cluster.now() - std::chrono::minutes(minutes));
      run.cluster.Reset(back.value(), position);
    }
    run.Watch(3);
    run.Hold(1, Status::kRewound, {});
    run.group().members = members;
    run.cluster.Rebalance(5s, run.group());
    run.Watch(1);
    run.Hold(3, Status::kRewound, {});
    EXPECT_LE(run.changes(), 1) << run.Story();

    for (SimulatedPosition& position : run.group().positions) {
      run.cluster.Reset(run.cluster.LogOf(position).end(), position);
    }
    run.Watch(12);
    run.Hold(12, Status::kOk, {});
    EXPECT_EQ(run.changes(), 2) << run.Story();
  });
}

TEST(Scenarios, RetentionOvertakesAGroup) {
  ForEachSeed(kSeeds, [](std::uint64_t seed) {
    Scenario run(seed, 1, 6);
    WatchNormalTimes(2, run);
    run.topic().retention = 15min;
    run.group().members.clear();
    run.cluster.Rebalance(0ms, run.group());
    run.Watch(50);  // a little more than 12 minutes
    run.Hold(1, Status::kStopped, Cause::kConsumerStopped);
    EXPECT_NEAR(static_cast<double>(run.last().headroom_ms),
                900'000.0 - static_cast<double>(run.last().lag_ms), 60'000);
    run.CountChanges();
    run.Watch(15);
    run.Hold(12, Status::kLosingData, Cause::kConsumerStopped);
    EXPECT_LE(run.changes(), 1) << run.Story();
    std::int64_t lost = 0;
    for (std::size_t i = 0; i < run.report().pairs.size(); ++i) {
      lost += run.report().partitions[i].start - run.report().pairs[i].committed;
    }
    EXPECT_EQ(run.report().group_topics.at(0).lost_records, lost);
  });
}

TEST(Scenarios, NothingIsProducedAtNight) {
  ForEachSeed(kSeeds, [](std::uint64_t seed) {
    Scenario run(seed, 1, 6);
    WatchNormalTimes(2, run);
    const auto day = run.topic().partitions;
    run.CountChanges();
    run.MultiplyInflow(0);
    run.Watch(2);
    for (int i = 0; i < 40; ++i) {
      run.Hold(1, Status::kOk, {});
      EXPECT_EQ(run.last().lag, 0);
      EXPECT_EQ(run.last().lag_ms, 0);
    }
    for (std::size_t i = 0; i < day.size(); ++i) run.topic().partitions[i].rate = day[i].rate;
    run.Hold(20, Status::kOk, {});
    EXPECT_EQ(run.changes(), 0) << run.Story();
  });
}

TEST(Scenarios, ARebalanceIsUnderWay) {
  ForEachSeed(kSeeds, [](std::uint64_t seed) {
    Scenario run(seed, 2, 8);
    WatchNormalTimes(2, run);
    run.group().type = kafka::GroupType::kConsumer;
    run.CountChanges();
    for (int i = 0; i < 3; ++i) {
      run.group().members.push_back(run.group().members[0]);
      run.cluster.Rebalance(std::chrono::seconds(run.draw.Whole(5, 60)), run.group());
      run.Hold(20, Status::kOk, {});
    }
    EXPECT_EQ(run.changes(), 0) << run.Story();
  });
}

TEST(Scenarios, AConsumerNeverCommits) {
  ForEachSeed(kSeeds, [](std::uint64_t seed) {
    Scenario run(seed, 1, 6);
    run.group().commits = false;
    for (SimulatedPosition& position : run.group().positions) position.committed.reset();
    run.Consumers(2, 2);
    run.Watch(16);
    run.Hold(12, Status::kNotCommitting, {});
    EXPECT_EQ(run.last().lag, kUnknown);
    EXPECT_EQ(run.last().lag_ms, kUnknown);
    EXPECT_EQ(run.report().group_topics.at(0).uncommitted_partitions,
              std::ssize(run.topic().partitions));
    EXPECT_EQ(run.changes(), 0) << run.Story();
  });
}

TEST(Scenarios, NobodyReadsAndNothingWaits) {
  ForEachSeed(kSeeds, [](std::uint64_t seed) {
    Scenario run(seed, 1, 6);
    run.MultiplyInflow(0);
    run.Watch(1);
    run.Hold(60, Status::kOk, {});
    EXPECT_EQ(run.last().lag_ms, 0);
  });
}

TEST(Scenarios, ATransactionHangs) {
  ForEachSeed(kSeeds, [](std::uint64_t seed) {
    Scenario run(seed, 1, 6);
    run.group().name = Scenario::kReadsCommitted;
    run.group().reads_committed = true;
    WatchNormalTimes(2, run);
    run.CountChanges();
    SimulatedPartition& partition = run.topic().partitions[0];
    partition.open_transaction = partition.log.end();
    run.Watch(4);  // until all before it is read
    for (int i = 0; i < 30; ++i) {
      run.Hold(1, Status::kOk, {});
      EXPECT_EQ(run.report().pairs[0].lag_ms, 0);
    }
    EXPECT_GT(run.report().partitions[0].end, run.report().partitions[0].last_stable);
    partition.open_transaction.reset();
    run.Watch(24);
    for (int i = 0; i < 16; ++i) {
      run.Watch(1);
      EXPECT_LE(run.last().status, Status::kCatchingUp) << run.Story();
    }
  });
}

TEST(Scenarios, TimeLagsAreRightWhateverHappened) {
  ForEachSeed(3 * kSeeds, [](std::uint64_t seed) {
    Scenario run(seed, 1, 6);
    run.resets = true;
    if (run.draw.Chance(0.7)) {
      run.topic().burst_period = std::chrono::seconds(run.draw.Whole(30, 3'000));
      run.topic().burst_share = run.draw.Real(0.02, 0.9);
    }
    for (SimulatedPosition& position : run.group().positions) {
      const kafka::Offset end = run.cluster.LogOf(position).end();
      const double back = run.draw.Real(0, 1) * static_cast<double>(end);
      run.cluster.Reset(end - static_cast<kafka::Offset>(back), position);
    }
    for (int i = 0; i < 6; ++i) {
      run.Consumers(run.draw.Whole(1, 3), run.draw.Magnitude(0.01, 10));
      run.group().members[0].reads = run.draw.Chance(0.7);
      if (run.draw.Chance(0.2)) run.MultiplyInflow(run.draw.Magnitude(0.1, 10));
      run.Watch(run.draw.Whole(1, 60));
    }
    EXPECT_LT(run.most_rounds(), 20);
  });
}

TEST(Scenarios, OneOfSeveralConsumersSlows) {
  ForEachSeed(kSeeds, [](std::uint64_t seed) {
    Scenario run(seed, 6, 12);
    BeSteady(run);
    WatchNormalTimes(3, run);
    run.CountChanges();
    run.group().members[0].capacity /= 8;
    run.Watch(30);
    run.Hold(12, Status::kFallingBehind, Cause::kConsumerSlowdown);
  });
}

}  // namespace
}  // namespace backlogd::analysis
