#include "sim/handling_time.h"

#include <gtest/gtest.h>

#include <chrono>

namespace backlogd::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

config::SimConsume SettingsOf(config::HandlingModel model) {
  config::SimConsume settings;
  settings.handling = model;
  settings.handling_ms = 2;
  settings.max_handling_ms = 12;
  settings.growing_time = seconds(100);
  return settings;
}

TEST(HandlingTimes, AreConstant) {
  HandlingTimes times(SettingsOf(config::HandlingModel::kConstant), 1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(times.Next(seconds(i)), milliseconds(2));
}

TEST(HandlingTimes, GrowUpToTheMost) {
  struct Case {
    nanoseconds since;
    nanoseconds expected;
  };
  HandlingTimes times(SettingsOf(config::HandlingModel::kGrowing), 1);
  for (const Case& each :
       {Case{seconds(0), milliseconds(2)}, Case{seconds(50), milliseconds(7)},
        Case{seconds(100), milliseconds(12)}, Case{seconds(1000), milliseconds(12)}}) {
    EXPECT_EQ(times.Next(each.since), each.expected);
  }
}

TEST(HandlingTimes, AreExponentialAroundTheMean) {
  HandlingTimes times(SettingsOf(config::HandlingModel::kRandom), 7);
  constexpr int kCount = 100'000;
  nanoseconds sum{0};
  int above_mean = 0;
  for (int i = 0; i < kCount; ++i) {
    const nanoseconds time = times.Next(nanoseconds(0));
    ASSERT_GE(time.count(), 0);
    sum += time;
    above_mean += time > milliseconds(2) ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(sum.count()) / kCount, 2e6, 4e4);
  EXPECT_NEAR(static_cast<double>(above_mean) / kCount, 0.3679, 0.01);  // 1/e
}

TEST(HandlingTimes, AreThoseOfTheSeed) {
  const auto settings = SettingsOf(config::HandlingModel::kRandom);
  HandlingTimes one(settings, 3);
  HandlingTimes same(settings, 3);
  HandlingTimes other(settings, 4);
  const nanoseconds first = one.Next(nanoseconds(0));
  EXPECT_EQ(same.Next(nanoseconds(0)), first);
  EXPECT_NE(other.Next(nanoseconds(0)), first);
}

}  // namespace
}  // namespace backlogd::sim
