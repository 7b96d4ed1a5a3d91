#include "sim/keys.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace backlogd::sim {
namespace {

constexpr int kDraws = 200'000;

std::map<std::string, int> Draw(const Keys& keys) {
  std::mt19937_64 random(7);
  std::map<std::string, int> counts;
  for (int i = 0; i < kDraws; ++i) ++counts[keys.Next(random).value_or("none")];
  return counts;
}

// Pearson's test: the sum exceeds degrees + 5 * sqrt(2 * degrees) once in millions of times.
void ExpectDistribution(const std::map<std::string, int>& counts,
                        const std::vector<double>& shares) {
  double sum = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const auto found = counts.find("key-" + std::to_string(i));
    const double count = found == counts.end() ? 0 : found->second;
    const double expected = shares[i] * kDraws;
    sum += (count - expected) * (count - expected) / expected;
  }
  const auto degrees = static_cast<double>(shares.size() - 1);
  EXPECT_LT(sum, degrees + 5 * std::sqrt(2 * degrees));
  EXPECT_LE(counts.size(), shares.size());
}

TEST(Keys, AreAbsentWhereNoneAreWanted) {
  EXPECT_EQ(Draw(Keys(config::KeyChoice::kNone, 10, 1)).at("none"), kDraws);
}

TEST(Keys, ComeEquallyOften) {
  ExpectDistribution(Draw(Keys(config::KeyChoice::kUniform, 20, 1)), std::vector<double>(20, 0.05));
}

TEST(Keys, FollowZipfsLaw) {
  for (const double exponent : {0.5, 1.0, 1.5, 3.0}) {
    std::vector<double> shares;
    double sum = 0;
    for (int i = 1; i <= 50; ++i) sum += std::pow(i, -exponent);
    for (int i = 1; i <= 50; ++i) shares.push_back(std::pow(i, -exponent) / sum);
    SCOPED_TRACE(exponent);
    ExpectDistribution(Draw(Keys(config::KeyChoice::kZipf, 50, exponent)), shares);
  }
}

TEST(Keys, MayBeOneAlone) {
  EXPECT_EQ(Draw(Keys(config::KeyChoice::kZipf, 1, 1)).at("key-0"), kDraws);
  EXPECT_EQ(Draw(Keys(config::KeyChoice::kUniform, 1, 1)).at("key-0"), kDraws);
}

}  // namespace
}  // namespace backlogd::sim
