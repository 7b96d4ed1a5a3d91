#include "cli/progress_bar.h"

#include <gtest/gtest.h>

#include <sstream>

namespace backlogd::cli {
namespace {

TEST(ProgressBar, SaysHowFarAndHowLong) {
  EXPECT_EQ(BarLine(50, 100, 5, 60), "[==============>             ]  50 %  50/100  10/s  5s left");
  EXPECT_EQ(BarLine(100, 100, 10, 80),
            "[========================================]  100 %  100/100  10/s");
  EXPECT_EQ(BarLine(0, 0, 0, 80), "[========================================]  100 %  0/0  0/s");
  for (unsigned columns = 0; columns < 100; ++columns) {
    EXPECT_LE(BarLine(7, 100, 3, columns).size(), std::max(columns, 1U));
  }
}

TEST(ProgressBar, WritesOnlyToATerminal) {
  std::ostringstream shown, hidden;
  const Deadline now{};
  for (auto [out, terminal] : {std::pair(&shown, true), std::pair(&hidden, false)}) {
    ProgressBar bar(*out, terminal, 80);
    bar.Begin(10, now);
    bar.Advance(5, now + std::chrono::seconds(1));
    bar.Advance(6, now + std::chrono::seconds(1));  // too soon
    bar.End();
  }
  EXPECT_EQ(hidden.str(), "");
  EXPECT_NE(shown.str().find("5/10"), std::string::npos);
  EXPECT_EQ(shown.str().find("6/10"), std::string::npos);
  EXPECT_TRUE(shown.str().ends_with("\r\x1b[K"));
}

}  // namespace
}  // namespace backlogd::cli
