#include "sim/capacity_plan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "sim/simulated_experiments.h"

namespace backlogd::sim {
namespace {

CapacityReport Plan(SimulatedExperiments& experiments, std::int64_t max_members = 64,
                    int partitions = 64) {
  CapacityReport report;
  report.settings.inflow = experiments.inflow;
  report.settings.handling_ms = 1000 / experiments.member;
  report.settings.max_members = max_members;
  report.topic = "capacity";
  report.group = "orders";
  report.partitions = partitions;
  const auto silent = [](const std::string&) {};
  RunPlan(experiments, silent, report);
  return report;
}

bool Says(const CapacityReport& report, const std::string& part) {
  for (const std::string& sentence : report.judgement.words) {
    if (sentence.find(part) != std::string::npos) return true;
  }
  return false;
}

TEST(CapacityPlan, FindsTheLimitWithinATenthForAThousandSeeds) {
  int exact = 0;
  for (unsigned seed = 1; seed <= 1000; ++seed) {
    SimulatedExperiments experiments;
    experiments.random.seed(seed);
    experiments.member = std::uniform_real_distribution<double>(20, 2000)(experiments.random);
    experiments.producer = 1e6;
    experiments.inflow =
        experiments.member * std::uniform_real_distribution<double>(0.3, 30)(experiments.random);
    const CapacityReport report = Plan(experiments);
    ASSERT_TRUE(report.search.needed) << seed;
    ASSERT_NEAR(report.member.Get()->mean, experiments.member, experiments.member / 10) << seed;
    const double wanted = experiments.inflow / experiments.member;
    ASSERT_GE(*report.search.needed, std::ceil(wanted * 0.9)) << seed;
    ASSERT_LE(*report.search.needed, std::ceil(wanted * 1.1)) << seed;
    exact += *report.search.needed == std::ceil(wanted) ? 1 : 0;
  }
  // Among thirty members one is 3 %, which is within the tolerance for the backlog's growth.
  EXPECT_GT(exact, 500);
}

TEST(CapacityPlan, NamesTheConsumer) {
  SimulatedExperiments experiments;
  const CapacityReport report = Plan(experiments);
  EXPECT_TRUE(report.ended.empty());
  EXPECT_EQ(report.search.needed, 3);
  EXPECT_EQ(report.judgement.bottleneck, Bottleneck::kConsumer);
  EXPECT_TRUE(Says(report, "At this inflow of 500 records/s you need 3 members"));
  EXPECT_TRUE(Says(report, "The bottleneck is the consumer, because one member handles"));
  EXPECT_TRUE(Says(report, "The broker's limit was not reached"));
}

TEST(CapacityPlan, NamesTheProducer) {
  SimulatedExperiments experiments;
  experiments.producer = 300;
  experiments.member = 400;
  const CapacityReport report = Plan(experiments);
  EXPECT_EQ(report.judgement.bottleneck, Bottleneck::kProducer);
  EXPECT_TRUE(Says(report, "The inflow could not be produced"));
}

TEST(CapacityPlan, NamesTheBroker) {
  SimulatedExperiments experiments;
  experiments.inflow = 5000;
  experiments.broker = 4000;
  experiments.producer = 3000;
  experiments.noise = 0.005;
  const CapacityReport report = Plan(experiments);
  EXPECT_EQ(report.judgement.bottleneck, Bottleneck::kBroker);
  EXPECT_TRUE(Says(report, "stops helping at"));
}

TEST(CapacityPlan, NamesABrokerThatThrottles) {
  SimulatedExperiments experiments;
  experiments.inflow = 150'000;
  experiments.member = 60'000;
  experiments.broker = 100'000;
  experiments.throttle_ms = 200;
  EXPECT_TRUE(Says(Plan(experiments), "it throttles at"));
}

TEST(CapacityPlan, DoesNotBlameTheBrokerForABusyMachine) {
  SimulatedExperiments experiments;
  experiments.broker = 60'000;
  experiments.busy = 0.98;
  const CapacityReport report = Plan(experiments);
  EXPECT_NE(report.judgement.bottleneck, Bottleneck::kBroker);
  EXPECT_TRUE(Says(report, "this machine was busy"));
}

TEST(CapacityPlan, SaysWhatToDoWhenPartitionsAreTooFew) {
  SimulatedExperiments experiments;
  experiments.inflow = 2000;
  const CapacityReport report = Plan(experiments, 64, 4);
  EXPECT_TRUE(report.search.complete);
  EXPECT_FALSE(report.search.needed);
  EXPECT_TRUE(Says(report, "even 4 members do not keep up"));
  EXPECT_TRUE(Says(report, "the topic has 4 partitions"));
  EXPECT_TRUE(Says(report, "while the inflow goes on, it is never drained"));
}

TEST(CapacityPlan, SaysWhatToDoWhenMembersAreTooFew) {
  SimulatedExperiments experiments;
  experiments.inflow = 2000;
  EXPECT_TRUE(Says(Plan(experiments, 4), "with a larger capacity.max_members"));
}

TEST(CapacityPlan, ExtrapolatesALargeBacklogInWords) {
  SimulatedExperiments experiments;
  experiments.noise = 0;
  const CapacityReport report = Plan(experiments);
  ASSERT_EQ(report.drains.size(), 2U);
  EXPECT_EQ(report.drains[0].measured_records, 2000U);
  EXPECT_NEAR(report.drains[0].seconds, 500, 1);
  EXPECT_FALSE(report.drains[0].with_inflow);
  EXPECT_NEAR(report.drains[1].seconds, 167, 1);
  EXPECT_NEAR(*report.drains[1].with_inflow, 1000, 1);
  EXPECT_TRUE(Says(report,
                   "A backlog of 100,000 records takes 1 member 8m 20s, by the 2,000 that were "
                   "drained in 10s; while the inflow goes on, it is never drained."));
}

TEST(CapacityPlan, ReportsWhatItHasWheneverItEnds) {
  for (int runs = 0; runs < 25; ++runs) {
    SimulatedExperiments experiments;
    experiments.runs_left = runs;
    const CapacityReport report = Plan(experiments);
    if (report.ended.empty()) continue;
    EXPECT_FALSE(report.failed);
    EXPECT_EQ(report.judgement.hint.empty(), runs == 0);
    EXPECT_NE(ToText(report).find("Not everything"), std::string::npos);
    EXPECT_NE(ToJson(report).find("\"complete\":false"), std::string::npos);
    EXPECT_NE(ToHtml(report).find("</html>"), std::string::npos);
  }
}

TEST(CapacityPlan, ReportsWhatItHasWhenAnExperimentFails) {
  SimulatedExperiments experiments;
  experiments.push_fault = "POST /push answers 429";
  const CapacityReport report = Plan(experiments);
  EXPECT_TRUE(report.failed);
  EXPECT_EQ(report.ended, "POST /push answers 429");
  EXPECT_EQ(report.search.needed, 3);
}

TEST(CapacityPlan, GivesAHintReadyToPaste) {
  SimulatedExperiments experiments;
  experiments.noise = 0;
  EXPECT_EQ(Plan(experiments).judgement.hint,
            "analysis:\n  capacity_hints:\n    - groups: 'orders'\n"
            "      member_records_per_second: 200\n");
}

}  // namespace
}  // namespace backlogd::sim
