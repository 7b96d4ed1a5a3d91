#include "analysis/baseline.h"

#include <gtest/gtest.h>

namespace backlogd::analysis {
namespace {

using std::chrono_literals::operator""s;

constexpr WallTime kBegin{std::chrono::hours(500'000)};
constexpr auto kWindow = 300s;

// A baseline and the polls that it is told of, 15 s apart.
struct Group {
  Baseline baseline;
  WallTime now = kBegin;

  void Poll(int polls, std::optional<Baseline::Rates> rates, bool is_ok = true) {
    for (int i = 0; i < polls; ++i) baseline.Update(rates, is_ok, now += 15s, kWindow);
  }
  std::optional<double> inflow() const {
    const auto median = baseline.Median();
    return median ? std::optional(median->inflow) : std::nullopt;
  }
};

TEST(Baseline, IsUnknownUntilThereWasAWholeWindowOfNormalTimes) {
  Group group;
  group.Poll(20, {{100, 90}});
  EXPECT_FALSE(group.baseline.Median());
  group.Poll(1, {{100, 90}});
  ASSERT_TRUE(group.baseline.Median());
  EXPECT_DOUBLE_EQ(group.baseline.Median()->inflow, 100);
  EXPECT_DOUBLE_EQ(group.baseline.Median()->consumption, 90);
}

TEST(Baseline, ABacklogDoesNotChangeItHoweverLongItLasts) {
  Group group;
  group.Poll(100, {{100, 100}});
  group.Poll(10'000, {{900, 200}}, false);
  EXPECT_DOUBLE_EQ(*group.inflow(), 100);
  // Nor does the beginning of the time after it.
  group.Poll(20, {{900, 900}});
  EXPECT_DOUBLE_EQ(*group.inflow(), 100);
}

TEST(Baseline, ANightWithoutRecordsDoesNotChangeIt) {
  Group group;
  group.Poll(100, {{100, 100}});
  group.Poll(10'000, {{0, 0}});
  group.Poll(10, std::nullopt);
  EXPECT_DOUBLE_EQ(*group.inflow(), 100);
}

TEST(Baseline, FollowsNormalTimesThatChange) {
  Group group;
  group.Poll(21 * 12, {{100, 100}});
  group.Poll(21 * 3, {{300, 300}});
  EXPECT_DOUBLE_EQ(*group.inflow(), 100);  // a while is not normal yet
  group.Poll(21 * 12, {{300, 300}});
  EXPECT_DOUBLE_EQ(*group.inflow(), 300);
}

}  // namespace
}  // namespace backlogd::analysis
