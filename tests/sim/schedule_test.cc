#include "sim/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace backlogd::sim {
namespace {

using namespace std::chrono_literals;

config::SimProduce Settings(config::Schedule kind, double rate, double peak_rate) {
  config::SimProduce settings;
  settings.schedule = kind;
  settings.rate = rate;
  settings.peak_rate = peak_rate;
  settings.period = 100s;
  settings.burst_length = 10s;
  return settings;
}

TEST(Schedule, SaysWhatIsDue) {
  struct Case {
    config::Schedule kind;
    double seconds;
    std::uint64_t due;
  };
  using enum config::Schedule;
  for (const Case& c : {
           Case{kConstant, 0, 0},
           Case{kConstant, 0.5, 5},
           Case{kConstant, 0.59, 5},
           Case{kConstant, 1000, 10'000},
           Case{kRamp, 0, 0},
           Case{kRamp, 50, 1625},
           Case{kRamp, 100, 5500},
           Case{kRamp, 110, 6500},
           Case{kBurst, 90, 900},
           Case{kBurst, 95, 1400},
           Case{kBurst, 100, 1900},
           Case{kBurst, 190, 2800},
           Case{kBurst, 200, 3800},
           Case{kSine, 100, 1000},
           Case{kSine, 300, 3000},
           Case{kSine, 50, 500},
       }) {
    Schedule schedule(Settings(c.kind, 10, 100), 0);
    const double due = static_cast<double>(schedule.DueBy(c.seconds));
    EXPECT_NEAR(due, static_cast<double>(c.due), 0.001 * due) << c.seconds;
  }
}

TEST(Schedule, NeverTakesBack) {
  using enum config::Schedule;
  for (const auto kind : {kConstant, kRamp, kBurst, kSine, kPoisson}) {
    Schedule schedule(Settings(kind, 10, 100), 3);
    std::uint64_t before = 0;
    for (int i = 0; i < 5000; ++i) {
      const std::uint64_t due = schedule.DueBy(i * 0.1);
      ASSERT_GE(due, before);
      before = due;
    }
  }
}

// The highest rate over a second, and the lowest.
std::pair<double, double> Extremes(Schedule schedule) {
  double top = 0;
  double bottom = 1e300;
  for (int i = 0; i < 100; ++i) {
    const auto records = static_cast<double>(schedule.DueBy(i + 1) - schedule.DueBy(i));
    top = std::max(top, records);
    bottom = std::min(bottom, records);
  }
  return {top, bottom};
}

TEST(Schedule, OfASineHasItsTopAndMean) {
  for (const double rate : {1000.0, 1500.0, 5000.0, 9000.0, 10'000.0}) {
    SCOPED_TRACE(rate);
    Schedule schedule(Settings(config::Schedule::kSine, rate, 10'000), 0);
    EXPECT_NEAR(static_cast<double>(schedule.DueBy(100)), rate * 100, 1);
    const auto [top, bottom] = Extremes(schedule);
    EXPECT_NEAR(top, 10'000, 150);
    EXPECT_NEAR(bottom, std::max(0.0, 2 * rate - 10'000), 150);
  }
}

TEST(Schedule, OfPoissonFollowsTheSeed) {
  const config::SimProduce settings = Settings(config::Schedule::kPoisson, 10, 100);
  Schedule one(settings, 1);
  Schedule same(settings, 1);
  Schedule other(settings, 2);
  double sum = 0;
  double squares = 0;
  int alike = 0;
  std::uint64_t before = 0;
  for (int i = 1; i <= 10'000; ++i) {
    const std::uint64_t due = one.DueBy(i);
    EXPECT_EQ(due, same.DueBy(i));
    alike += due == other.DueBy(i) ? 1 : 0;
    const auto arrived = static_cast<double>(due - before);
    before = due;
    sum += arrived;
    squares += arrived * arrived;
  }
  const double mean = sum / 10'000;
  EXPECT_NEAR(mean, 10, 0.2);
  EXPECT_NEAR(squares / 10'000 - mean * mean, 10, 0.7) << "variance as large as the mean";
  EXPECT_LT(alike, 500);
}

TEST(Pacer, SendsWhatIsDue) {
  Pacer pacer;
  EXPECT_EQ(pacer.ToSend(0, 0, 0), 0U);
  EXPECT_EQ(pacer.ToSend(0.01, 10, 0), 10U);
  EXPECT_EQ(pacer.ToSend(0.02, 20, 10), 10U);
  EXPECT_EQ(pacer.ToSend(0.03, 20, 20), 0U);
  EXPECT_EQ(pacer.ToSend(5, 21, 20), 1U);
}

TEST(Pacer, CatchesUpWithoutABurst) {
  Pacer pacer;
  EXPECT_LE(pacer.ToSend(60, 60'000, 0), 1001U) << "a second's worth after a pause of a minute";
  std::uint64_t sent = 1000;
  double seconds = 60;
  while (sent < static_cast<std::uint64_t>(seconds * 1000)) {
    seconds += 0.01;
    const std::uint64_t now =
        pacer.ToSend(seconds, static_cast<std::uint64_t>(seconds * 1000), sent);
    ASSERT_LE(now, 24U) << "twice the rate";
    sent += now;
  }
  EXPECT_LT(seconds, 125);
}

}  // namespace
}  // namespace backlogd::sim
