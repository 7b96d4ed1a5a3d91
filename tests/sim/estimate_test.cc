#include "sim/estimate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace backlogd::sim {
namespace {

TEST(EstimateOf, HasStudentsMarginForFewValues) {
  const std::vector<double> values{10, 12, 14};
  const Estimate estimate = EstimateOf(values);
  EXPECT_DOUBLE_EQ(estimate.mean, 12);
  EXPECT_NEAR(*estimate.margin, 4.303 * 2 / std::sqrt(3.0), 1e-9);
}

TEST(EstimateOf, OfOneValueHasNoMargin) {
  const std::vector<double> values{7};
  EXPECT_DOUBLE_EQ(EstimateOf(values).mean, 7);
  EXPECT_FALSE(EstimateOf(values).margin);
}

TEST(EstimateOf, HoldsTheTruthAsOftenAsItSays) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> draw(100, 15);
  int held = 0;
  constexpr int kTrials = 4000;
  for (int i = 0; i < kTrials; ++i) {
    const std::vector<double> values{draw(random), draw(random), draw(random)};
    const Estimate estimate = EstimateOf(values);
    held += std::abs(estimate.mean - 100) <= *estimate.margin ? 1 : 0;
  }
  EXPECT_NEAR(held / static_cast<double>(kTrials), 0.95, 0.015);
}

TEST(SlopeOf, IsThatOfALine) {
  const std::vector<Sample> samples{{0, 5}, {1, 7}, {2, 9}, {4, 13}};
  EXPECT_NEAR(SlopeOf(samples), 2, 1e-12);
}

TEST(SlopeOf, IsZeroWithoutTwoInstants) {
  EXPECT_EQ(SlopeOf({}), 0);
  const std::vector<Sample> same{{3, 5}, {3, 9}};
  EXPECT_EQ(SlopeOf(same), 0);
}

TEST(MajorityConfidence, GrowsWithTheVotes) {
  EXPECT_DOUBLE_EQ(MajorityConfidence(0, 0), 0.5);
  EXPECT_DOUBLE_EQ(MajorityConfidence(1, 0), 0.75);
  EXPECT_DOUBLE_EQ(MajorityConfidence(2, 0), 0.875);
  EXPECT_DOUBLE_EQ(MajorityConfidence(3, 0), 0.9375);
  EXPECT_DOUBLE_EQ(MajorityConfidence(2, 1), 0.6875);
  EXPECT_DOUBLE_EQ(MajorityConfidence(2, 2), 0.5);
}

}  // namespace
}  // namespace backlogd::sim
