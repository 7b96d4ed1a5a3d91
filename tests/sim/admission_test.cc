#include "sim/admission.h"

#include <gtest/gtest.h>

#include <chrono>

namespace backlogd::sim {
namespace {

using namespace std::chrono_literals;

constexpr Deadline kStart{100h};

TEST(Admission, TakesAnythingWithoutALimit) {
  Admission admission(0);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(admission.Take("a", 1'000'000, kStart));
}

TEST(Admission, HoldsASecondsWorth) {
  Admission admission(100);
  EXPECT_FALSE(admission.Take("a", 60, kStart));
  EXPECT_FALSE(admission.Take("a", 40, kStart));
  EXPECT_EQ(admission.Take("a", 1, kStart), 1);
  EXPECT_FALSE(admission.Take("b", 100, kStart)) << "a topic of its own";
  EXPECT_FALSE(admission.Take("a", 10, kStart + 100ms));
  EXPECT_TRUE(admission.Take("a", 1, kStart + 100ms));
  EXPECT_FALSE(admission.Take("a", 100, kStart + 1h)) << "no more than a second's worth, though";
  EXPECT_TRUE(admission.Take("a", 1, kStart + 1h));
}

TEST(Admission, AdmitsWhatIsLargerThanTheBucketAndKeepsTheRate) {
  Admission admission(100);
  EXPECT_FALSE(admission.Take("a", 1000, kStart));
  EXPECT_EQ(admission.Take("a", 1, kStart), 10) << "900 in debt, and one to take";
  EXPECT_TRUE(admission.Take("a", 1000, kStart + 9s));
  EXPECT_FALSE(admission.Take("a", 1000, kStart + 9020ms));
}

TEST(Admission, DoesNotStarveLargeRequestsForSmallOnes) {
  Admission admission(100);
  int large = 0;
  for (int i = 0; i < 6000; ++i) {
    const Deadline now = kStart + i * 10ms;
    if (i % 7 == 0 && !admission.Take("a", 300, now)) ++large;
    admission.Take("a", 2, now);
  }
  EXPECT_GT(large, 5);
}

TEST(Admission, AveragesToTheRate) {
  Admission admission(100);
  int taken = 0;
  for (int i = 0; i < 60'000; ++i) {
    if (!admission.Take("a", 7, kStart + i * 1ms)) taken += 7;
  }
  EXPECT_NEAR(taken, 6000, 200);
}

TEST(Admission, GetsBackWhatWasNotSent) {
  Admission admission(100);
  EXPECT_FALSE(admission.Take("a", 500, kStart));
  admission.GiveBack("a", 450);
  EXPECT_FALSE(admission.Take("a", 1, kStart));
}

TEST(Admission, SurvivesATimeThatGoesBack) {
  Admission admission(100);
  EXPECT_FALSE(admission.Take("a", 100, kStart));
  EXPECT_TRUE(admission.Take("a", 100, kStart - 1h));
  EXPECT_FALSE(admission.Take("a", 100, kStart + 1s));
}

}  // namespace
}  // namespace backlogd::sim
