#include "sim/failure_plan.h"

#include <gtest/gtest.h>

#include <map>

namespace backlogd::sim {
namespace {

using deadletters::Reason;

config::SimFailures SettingsOf(double rate, std::vector<std::string> kinds = {}) {
  config::SimFailures settings;
  settings.rate = rate;
  settings.kinds = std::move(kinds);
  settings.retries = 4;
  return settings;
}

int CountOf(const FailurePlan& plan, int records) {
  int failing = 0;
  for (int i = 0; i < records; ++i) failing += plan.Of(0, i) ? 1 : 0;
  return failing;
}

TEST(FailurePlan, FailsTheShareThatWasAskedFor) {
  EXPECT_EQ(CountOf(FailurePlan(SettingsOf(0), 1), 10'000), 0);
  EXPECT_EQ(CountOf(FailurePlan(SettingsOf(1), 1), 10'000), 10'000);
  EXPECT_NEAR(CountOf(FailurePlan(SettingsOf(0.1), 1), 100'000), 10'000, 500);
}

TEST(FailurePlan, TakesEveryKindInTurn) {
  const FailurePlan plan(SettingsOf(1), 1);
  std::map<Reason, int> counts;
  for (int i = 0; i < 10; ++i) ++counts[plan.Of(2, i)->reason];
  EXPECT_EQ(counts.size(), 5u);
  for (const auto& [reason, count] : counts) EXPECT_EQ(count, 2) << ToText(reason);
}

TEST(FailurePlan, TakesTheKindsThatWereNamed) {
  const FailurePlan plan(SettingsOf(1, {"timeout", "format"}), 1);
  std::map<Reason, int> counts;
  for (int i = 0; i < 10; ++i) ++counts[plan.Of(0, i)->reason];
  EXPECT_EQ(counts, (std::map<Reason, int>{{Reason::kTimeout, 5}, {Reason::kFormat, 5}}));
}

TEST(FailurePlan, TriesAgainWhatMayPass) {
  struct Case {
    std::string kind;
    std::int64_t attempts;
  };
  for (const Case& each : {Case{"retries_exhausted", 5}, Case{"format", 1}, Case{"business", 5},
                           Case{"timeout", 5}, Case{"permission", 1}}) {
    EXPECT_EQ(FailurePlan(SettingsOf(1, {each.kind}), 1).Of(0, 0)->attempts, each.attempts)
        << each.kind;
  }
}

TEST(FailurePlan, FailsARecordAgainInTheSameWay) {
  const FailurePlan plan(SettingsOf(0.5), 9);
  const FailurePlan after_a_restart(SettingsOf(0.5), 9);
  const FailurePlan other_seed(SettingsOf(0.5), 10);
  int differences = 0;
  for (int i = 999; i >= 0; --i) {
    EXPECT_EQ(plan.Of(i % 7, i), after_a_restart.Of(i % 7, i));
    differences += plan.Of(i % 7, i).has_value() != other_seed.Of(i % 7, i).has_value() ? 1 : 0;
  }
  EXPECT_GT(differences, 300);
}

}  // namespace
}  // namespace backlogd::sim
