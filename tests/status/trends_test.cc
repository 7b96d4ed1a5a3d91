#include "status/trends.h"

#include <gtest/gtest.h>

#include <chrono>

namespace backlogd::status {
namespace {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;

constexpr WallTime kStart{1'789'999'980s};  // a whole minute

analysis::LagReport At(std::chrono::seconds after, const std::vector<std::string>& groups,
                       std::int64_t lag = 7) {
  analysis::LagReport report;
  report.taken_at = kStart + after;
  report.has_data = true;
  for (const std::string& name : groups) {
    report.groups.emplace_back();
    report.groups.back().name = name;
    report.groups.back().lag = lag;
  }
  return report;
}

std::vector<std::int64_t> Lags(const Trends& trends, const std::string& group,
                               std::chrono::seconds now) {
  std::vector<std::int64_t> lags;
  for (const TrendPoint& point : trends.Of(group, {kStart + now, 99, 0})) lags.push_back(point.lag);
  return lags;
}

TEST(Trends, TakesOnePointAMinuteAndTheNewest) {
  Trends trends;
  for (int second = 0; second < 180; second += 15) {
    trends.Note(At(std::chrono::seconds(second), {"a"}, second));
  }
  EXPECT_EQ(Lags(trends, "a", 175s), (std::vector<std::int64_t>{0, 60, 120, 99}));
  EXPECT_EQ(Lags(trends, "b", 175s), std::vector<std::int64_t>{99});
}

TEST(Trends, KeepsAnHour) {
  Trends trends;
  for (int minute = 0; minute < 200; ++minute) {
    trends.Note(At(std::chrono::minutes(minute), {"a"}, minute));
  }
  const std::vector<std::int64_t> lags = Lags(trends, "a", 199min + 30s);
  ASSERT_EQ(lags.size(), 61u);
  EXPECT_EQ(lags.front(), 140);
  EXPECT_EQ(lags.back(), 99);
}

TEST(Trends, ForgetsGroupsThatVanish) {
  Trends trends;
  trends.Note(At(0s, {"a", "b"}));
  trends.Note(At(60s, {"b"}));
  trends.Note(At(120s, {"a", "b"}));
  EXPECT_EQ(Lags(trends, "a", 130s), (std::vector<std::int64_t>{-1, -1, 7, 99}));
  EXPECT_EQ(Lags(trends, "b", 130s), (std::vector<std::int64_t>{7, 7, 7, 99}));
}

TEST(Trends, HasAGapWhereNothingWasRead) {
  Trends trends;
  trends.Note(At(0s, {"a"}));
  analysis::LagReport withheld = At(60s, {});
  withheld.has_data = false;
  trends.Note(withheld);
  trends.Note(At(120s, {"a"}));
  EXPECT_EQ(Lags(trends, "a", 130s), (std::vector<std::int64_t>{7, -1, 7, 99}));
}

TEST(Trends, ForgetsGroupsAfterAnHourWithoutData) {
  Trends trends;
  trends.Note(At(0s, {"a"}));
  for (int minute = 1; minute <= 60; ++minute) {
    analysis::LagReport withheld = At(std::chrono::minutes(minute), {});
    withheld.has_data = false;
    trends.Note(withheld);
  }
  EXPECT_EQ(Lags(trends, "a", 61min), std::vector<std::int64_t>{99});
}

}  // namespace
}  // namespace backlogd::status
