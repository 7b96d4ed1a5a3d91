#include "sim/member_search.h"

#include <gtest/gtest.h>

#include <map>

namespace backlogd::sim {
namespace {

TEST(FindFewestMembers, FindsEveryLimitFromEveryGuess) {
  for (int most = 1; most <= 17; ++most) {
    for (int limit = 1; limit <= most + 1; ++limit) {
      for (int guess = 1; guess <= most + 3; ++guess) {
        const auto search =
            FindFewestMembers(most, guess, 2, [&](int members) { return members >= limit; });
        ASSERT_TRUE(search.complete);
        ASSERT_EQ(search.needed.value_or(most + 1), limit) << most << " " << guess;
        ASSERT_LE(search.levels.size(), 7U);
      }
    }
  }
}

TEST(FindFewestMembers, NeedsTwoLevelsIfTheGuessIsRight) {
  const auto search = FindFewestMembers(16, 5, 3, [](int members) { return members >= 5; });
  EXPECT_EQ(search.levels.size(), 2U);
  EXPECT_EQ(search.needed, 5);
  EXPECT_DOUBLE_EQ(*search.confidence, 0.9375 * 0.9375);
}

TEST(FindFewestMembers, BelievesTheMajority) {
  std::map<int, int> runs;
  const auto search = FindFewestMembers(8, 3, 3, [&](int members) {
    const bool mistaken = ++runs[members] == 2;
    return (members >= 3) != mistaken;
  });
  EXPECT_EQ(search.needed, 3);
  EXPECT_DOUBLE_EQ(*search.confidence, 0.6875 * 0.6875);
}

TEST(FindFewestMembers, TakesATieForPilingUp) {
  int runs = 0;
  const auto search = FindFewestMembers(1, 1, 2, [&](int) { return ++runs == 1; });
  EXPECT_TRUE(search.complete);
  EXPECT_FALSE(search.needed);
}

TEST(FindFewestMembers, EndsWhenItIsToEnd) {
  const auto search = FindFewestMembers(8, 3, 3, [runs = 0](int) mutable -> std::optional<bool> {
    if (++runs > 4) return std::nullopt;
    return true;
  });
  EXPECT_FALSE(search.complete);
  EXPECT_FALSE(search.needed);
  EXPECT_FALSE(search.confidence);
  EXPECT_EQ(search.levels.size(), 2U);
}

}  // namespace
}  // namespace backlogd::sim
