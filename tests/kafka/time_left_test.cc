#include <gtest/gtest.h>

#include <chrono>

#include "kafka/admin_session.h"

namespace backlogd::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

TEST(TimeLeft, IsNoneOfAnyInstantThatHasPassed) {
  const auto now = steady_clock::now();
  for (const Deadline passed : {Deadline::min(), Deadline(), now - std::chrono::hours(1), now}) {
    EXPECT_EQ(TimeLeft(passed), milliseconds(0)) << passed.time_since_epoch().count();
  }
}

TEST(TimeLeft, IsInWholeMilliseconds) {
  const milliseconds left = TimeLeft(steady_clock::now() + std::chrono::hours(1));
  EXPECT_LE(left, std::chrono::hours(1));
  EXPECT_GT(left, std::chrono::minutes(59));
  EXPECT_GT(TimeLeft(Deadline::max()), std::chrono::hours(24 * 365));
}

}  // namespace
}  // namespace backlogd::kafka
