// Formulas and their edges.

#include "analysis/capacity.h"

#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace backlogd::analysis {
namespace {

using namespace std::chrono_literals;

constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Absent as -1.
double Number(std::optional<double> value) { return value.value_or(-1); }
double Number(std::optional<Seconds> value) { return value ? value->count() : -1; }

TEST(MemberCapacity, DividesByTheMembersThatWereBusy) {
  struct Case {
    std::string what;
    SaturatedStretch stretch;
    double expected;
  };
  for (const Case& c : std::vector<Case>{
           {"all busy", {1'200, 12, 12, 4}, 300},
           {"a quarter busy", {1'200, 3, 12, 4}, 1'200},
           {"half busy", {1'200, 6, 12, 4}, 600},
           {"less than one member's share", {1'200, 1, 12, 4}, 1'200},
           {"more members than partitions", {1'200, 3, 3, 8}, 400},
           {"more members than partitions, one busy", {1'200, 1, 3, 8}, 1'200},
           {"one of each", {5, 1, 1, 1}, 5},
           {"nothing saturated", {1'200, 0, 12, 4}, -1},
           {"nothing assigned", {1'200, 0, 0, 4}, -1},
           {"nothing consumed", {0, 12, 12, 4}, -1},
           {"no members", {1'200, 12, 12, 0}, -1},
           {"not a number", {kNan, 12, 12, 4}, -1},
           {"no bound", {kInfinite, 12, 12, 4}, -1},
       }) {
    EXPECT_DOUBLE_EQ(Number(MemberCapacity(c.stretch)), c.expected) << c.what;
  }
}

TEST(SmoothCapacity, GoesAQuarterOfTheWay) {
  EXPECT_DOUBLE_EQ(SmoothCapacity({}, 100), 100);
  EXPECT_DOUBLE_EQ(SmoothCapacity(100, 200), 125);
  EXPECT_DOUBLE_EQ(SmoothCapacity(100, 60), 90);
  EXPECT_DOUBLE_EQ(SmoothCapacity(100, 100), 100);
}

TEST(MembersNeeded, CarryTheInflowAndDrainTheLag) {
  struct Case {
    std::string what;
    Load load;
    double capacity;
    Seconds drain_time;
    std::int64_t partitions;
    std::int64_t expected;
  };
  for (const Case& c : std::vector<Case>{
           {"inflow alone", {1'000, 0}, 300, 1800s, 12, 4},
           {"exactly", {900, 0}, 300, 1800s, 12, 3},
           {"and a backlog", {900, 540'000}, 300, 1800s, 12, 4},
           {"the same, with more time", {900, 540'000}, 300, 18'000s, 12, 4},
           {"the same, with less", {900, 540'000}, 300, 600s, 12, 6},
           {"a backlog alone", {0, 540'000}, 300, 1800s, 12, 1},
           {"nothing to do", {0, 0}, 300, 1800s, 12, 1},
           {"capped by the partitions", {90'000, 0}, 300, 1800s, 12, 12},
           {"as many as partitions", {3'600, 0}, 300, 1800s, 12, 12},
           {"one partition", {900, 0}, 300, 1800s, 1, 1},
           {"as much lag as there can be", {0, kMost}, 300, 1800s, 12, 12},
           {"hardly any capacity", {1'000, kMost}, 1e-300, 1e-300s, 12, 12},
           {"all the capacity there can be", {1'000, 0}, 1e300, 1800s, 12, 1},
           {"many partitions", {1e9, 0}, 1, 1800s, 2'000'000'000, 1'000'000'000},
       }) {
    EXPECT_EQ(MembersNeeded(c.load, c.capacity, c.drain_time, c.partitions), c.expected) << c.what;
  }
}

TEST(DrainTime, IsThatOfThePresentSpeed) {
  struct Case {
    std::string what;
    std::int64_t before;
    std::int64_t now;
    Seconds elapsed;
    double expected;
  };
  for (const Case& c : std::vector<Case>{
           {"half is gone", 1'000, 500, 300s, 300},
           {"a tenth is gone", 1'000, 900, 300s, 2'700},
           {"all is gone", 1'000, 0, 300s, 0},
           {"there was none", 0, 0, 300s, 0},
           {"it stays", 1'000, 1'000, 300s, -1},
           {"it grows", 1'000, 1'001, 300s, -1},
           {"it came", 0, 1'000, 300s, -1},
           {"one record of a million in a window", 1'000'001, 1'000'000, 300s, 300'000'000},
           {"one record of very many: for ever", kMost, kMost - 1, 300s, -1},
           {"most of very many", kMost, 1, 300s, 300.0 / 9.2e18},
       }) {
    EXPECT_NEAR(Number(DrainTime(c.before, c.now, c.elapsed)), c.expected, 1e-6) << c.what;
  }
}

TEST(RetentionHeadroom, IsTheShorterOfTimeAndSize) {
  using Time = std::optional<std::chrono::milliseconds>;
  using Records = std::optional<std::int64_t>;
  struct Case {
    std::string what;
    Retention retention;
    OldestUnread record;
    std::optional<double> inflow;
    double expected;
  };
  for (const Case& c : std::vector<Case>{
           {"unlimited", {}, {10s, 100}, 10, -1},
           {"by time", {Time(1h), {}}, {600s, 100}, 10, 3'000},
           {"by time, inflow not known", {Time(1h), {}}, {600s, 100}, {}, 3'000},
           {"by time, overdue", {Time(1h), {}}, {2h, 100}, 10, 0},
           {"by time, age not known", {Time(1h), {}}, {{}, 100}, 10, -1},
           {"by size", {{}, Records(1'000)}, {10s, 100}, 10, 90},
           {"by size, overdue", {{}, Records(1'000)}, {10s, 1'100}, 10, 0},
           {"by size, at the edge", {{}, Records(1'000)}, {10s, 1'000}, {}, 0},
           {"by size, nothing is written", {{}, Records(1'000)}, {10s, 100}, 0, -1},
           {"by size, inflow not known", {{}, Records(1'000)}, {10s, 100}, {}, -1},
           {"by size, age not known", {{}, Records(1'000)}, {{}, 100}, 10, 90},
           {"both, time is shorter", {Time(60s), Records(1'000)}, {10s, 100}, 10, 50},
           {"both, size is shorter", {Time(1h), Records(1'000)}, {10s, 100}, 10, 90},
           {"both, nothing is written", {Time(1h), Records(1'000)}, {600s, 100}, 0, 3'000},
           {"both, inflow not known", {Time(1h), Records(1'000)}, {600s, 100}, {}, -1},
           {"both, age not known", {Time(1h), Records(1'000)}, {{}, 100}, 10, -1},
           {"time is over, inflow not known", {Time(1h), Records(1'000)}, {2h, 100}, {}, 0},
           {"size is reached, age not known", {Time(1h), Records(1'000)}, {{}, 1'000}, 10, 0},
           {"retention.ms as large as can be",
            {Time(std::chrono::milliseconds::max()), {}},
            {10s, 100},
            10,
            -1},
           {"hardly anything is written", {{}, Records(kMost)}, {10s, 0}, 1e-300, -1},
           {"from the future", {Time(1h), {}}, {-60s, 100}, 10, 3'660},
       }) {
    EXPECT_DOUBLE_EQ(Number(RetentionHeadroom(c.retention, c.record, c.inflow)), c.expected)
        << c.what;
  }
}

}  // namespace
}  // namespace backlogd::analysis
