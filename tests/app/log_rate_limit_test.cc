#include "app/log_rate_limit.h"

#include <gtest/gtest.h>

namespace backlogd::app {
namespace {

constexpr Deadline kStart{std::chrono::hours(1)};
constexpr auto kRefill = LogRateLimit::kRefill;

void Spend(LogRateLimit& limit, const std::string& kind, Deadline now) {
  while (limit.Admit(kind, now)) {
  }
}

TEST(LogRateLimit, AdmitsABurst) {
  LogRateLimit limit;
  for (std::uint32_t i = 0; i < LogRateLimit::kBurst; ++i) {
    EXPECT_EQ(limit.Admit("kind", kStart), 0U) << i;
  }
  EXPECT_EQ(limit.Admit("kind", kStart), std::nullopt);
}

TEST(LogRateLimit, AdmitsOneMoreAfterEachRefillAndTellsWhatWasLeftOut) {
  LogRateLimit limit;
  Spend(limit, "kind", kStart);  // the last one of these was left out
  EXPECT_EQ(limit.Admit("kind", kStart + kRefill - std::chrono::milliseconds(1)), std::nullopt);
  EXPECT_EQ(limit.Admit("kind", kStart + kRefill), 2U);
  EXPECT_EQ(limit.Admit("kind", kStart + kRefill), std::nullopt);
  EXPECT_EQ(limit.Admit("kind", kStart + 2 * kRefill), 1U);
  EXPECT_EQ(limit.Admit("kind", kStart + 3 * kRefill), 0U);
}

TEST(LogRateLimit, NeverSavesMoreThanABurst) {
  LogRateLimit limit;
  Spend(limit, "kind", kStart);
  const Deadline later = kStart + 1000 * kRefill;
  std::uint32_t admitted = 0;
  while (limit.Admit("kind", later)) ++admitted;
  EXPECT_EQ(admitted, LogRateLimit::kBurst);
}

TEST(LogRateLimit, CountsEachKindByItself) {
  LogRateLimit limit;
  Spend(limit, "loud", kStart);
  EXPECT_EQ(limit.Admit("other", kStart), 0U);
}

TEST(LogRateLimit, GivesKindsBeyondTheBoundOneBucketTogether) {
  LogRateLimit limit;
  for (std::size_t i = 0; i < LogRateLimit::kMaxKinds; ++i) {
    ASSERT_TRUE(limit.Admit(std::to_string(i), kStart));
  }
  Spend(limit, "one too many", kStart);
  EXPECT_EQ(limit.Admit("another", kStart), std::nullopt);
  EXPECT_TRUE(limit.Admit("0", kStart));
}

}  // namespace
}  // namespace backlogd::app
