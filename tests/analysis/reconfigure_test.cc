// What the analyzer keeps, and what it does not, when its settings change while it watches.

#include <gtest/gtest.h>

#include <memory>
#include <string_view>
#include <utility>

#include "analysis/watched_queues.h"
#include "watched_load.h"

namespace backlogd::analysis {
namespace {

void Reconfigure(AnalysisSettings settings, Load& load) {
  load.analyzer.analyzer().Reconfigure(std::move(settings));
}

TEST(Reconfigure, KeepsCountersLagsAndStatuses) {
  Load load(1);
  load.Poll(20, 150, 150);
  load.Poll(10, 150, 0);
  ASSERT_EQ(load.group().status, Status::kStalled);
  const LagReport before = load.report;
  Reconfigure(WindowOfEightPolls(), load);
  load.Poll(1, 150, 0);
  EXPECT_EQ(load.group().status, Status::kStalled);
  EXPECT_EQ(load.group().lag, before.groups[0].lag + 150);
  EXPECT_EQ(load.report.topics[0].records_produced, before.topics[0].records_produced + 150);
  EXPECT_EQ(load.report.group_topics[0].records_consumed, before.group_topics[0].records_consumed);
}

TEST(Reconfigure, AShorterWindowIsFullSoon) {
  AnalysisSettings hours = WindowOfEightPolls();
  hours.window = 8h;
  Load load(1, 1, hours);
  load.Poll(20, 150, 0);
  ASSERT_FALSE(load.group().status) << "an eighth of its window is an hour";
  Reconfigure(WindowOfEightPolls(), load);
  load.Poll(12, 150, 0);
  EXPECT_EQ(load.group().status, Status::kStalled);
}

TEST(Reconfigure, ALagOfAnotherIsolationIsUnknownUntilItIsMeasured) {
  PolledAnalyzer analyzer;
  ClusterSnapshot seen = WithGroup({{0, 100}}, {{0, 40}});
  seen.partitions[0].last_stable = 70;
  EXPECT_EQ(analyzer.Update(seen).groups[0].lag, 60);
  AnalysisSettings settings;
  settings.reads_committed = [](std::string_view group) { return group == "g"; };
  analyzer.analyzer().Reconfigure(settings);
  ClusterSnapshot unread = seen;
  unread.groups[0].committed_known = false;
  EXPECT_EQ(analyzer.Update(unread).groups[0].lag, kUnknown) << "60 are not carried over";
  EXPECT_EQ(analyzer.Update(seen).groups[0].lag, 30);
  analyzer.analyzer().Reconfigure(settings);
  EXPECT_EQ(analyzer.Update(unread).groups[0].lag, 30) << "nothing changed for this group";
}

TEST(Reconfigure, TakesTheOperatorsWordOnCapacityUntilItIsObserved) {
  Load load(1);
  load.Poll(1, 100, 100);
  ASSERT_FALSE(load.group().member_capacity);
  AnalysisSettings settings = WindowOfEightPolls();
  settings.capacity_hint = [](std::string_view) { return 7.0; };
  Reconfigure(settings, load);
  load.Poll(1, 100, 100);
  EXPECT_EQ(load.group().member_capacity, 7.0);
  Reconfigure(WindowOfEightPolls(), load);
  load.Poll(1, 100, 100);
  EXPECT_FALSE(load.group().member_capacity);
}

AnalysisSettings Scanning() {
  AnalysisSettings settings;
  settings.dead_letters.scan = true;
  return settings;
}

class ReconfigureQueuesTest : public DeadLettersTest {
 protected:
  explicit ReconfigureQueuesTest(bool scan = true) : DeadLettersTest(scan) {}
};

TEST_F(ReconfigureQueuesTest, WhatIsSelectedNowWasThereBefore) {
  Poll();
  analyzer_->Reconfigure(Scanning());
  seen_.topics["carts-dlt"] = {{0, 3}};
  Poll();
  EXPECT_TRUE(analyzer_->WantedRecords().empty()) << "nobody knows since when they lie there";
  seen_.topics["bills-dlt"] = {{0, 3}};
  Poll();
  ASSERT_EQ(analyzer_->WantedRecords().size(), 1U) << "this one was not there at the poll before";
  EXPECT_EQ(analyzer_->WantedRecords()[0].topic, "bills-dlt");
}

class ReconfigureNoScanTest : public ReconfigureQueuesTest {
 protected:
  ReconfigureNoScanTest() : ReconfigureQueuesTest(false) {}
};

TEST_F(ReconfigureNoScanTest, AScanThatBeginsReadsOnlyWhatComesFromThenOn) {
  Poll();
  seen_.topics["orders-dlt"] = {{10, 40}};
  Poll();
  analyzer_->Reconfigure(Scanning());
  seen_.topics["orders-dlt"] = {{10, 45}};
  Poll();
  EXPECT_TRUE(analyzer_->WantedRecords().empty());
  seen_.topics["orders-dlt"] = {{10, 50}};
  Poll();
  ASSERT_EQ(analyzer_->WantedRecords().size(), 1U);
  EXPECT_EQ(analyzer_->WantedRecords()[0].from, 45);
}

}  // namespace
}  // namespace backlogd::analysis
