#include "status/format.h"

#include <gtest/gtest.h>

namespace backlogd::status {
namespace {

TEST(Format, Counts) {
  EXPECT_EQ(FormatCount(-1), "–");
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1'000), "1,000");
  EXPECT_EQ(FormatCount(1'234'567), "1,234,567");
}

TEST(Format, Rates) {
  EXPECT_EQ(FormatRate({}), "–");
  EXPECT_EQ(FormatRate(0.0), "0");
  EXPECT_EQ(FormatRate(12.54), "12.5");
  EXPECT_EQ(FormatRate(4.0), "4");
  EXPECT_EQ(FormatRate(1234.5), "1,235");
}

TEST(Format, Spans) {
  struct Case {
    std::int64_t ms;
    const char* english;
    const char* chinese;
  };
  for (const Case& c : {
           Case{-1, "–", "–"},
           Case{0, "0 s", "0 秒"},
           Case{850, "850 ms", "850 毫秒"},
           Case{42'999, "42 s", "42 秒"},
           Case{60'000, "1 min", "1 分"},
           Case{310'000, "5 min 10 s", "5 分 10 秒"},
           Case{12'000'000, "3 h 20 min", "3 小时 20 分"},
           Case{187'200'000, "2 d 4 h", "2 天 4 小时"},
       }) {
    EXPECT_EQ(FormatSpan(c.ms, Language::kEnglish), c.english);
    EXPECT_EQ(FormatSpan(c.ms, Language::kChinese), c.chinese);
  }
}

TEST(Format, InstantsAndAges) {
  const WallTime at{std::chrono::milliseconds(1'790'000'000'500)};
  EXPECT_EQ(FormatInstant(at), "2026-09-21 14:13:20 UTC");
  EXPECT_EQ(FormatAgo(at, at + std::chrono::milliseconds(5'400), Language::kEnglish), "5 s ago");
  EXPECT_EQ(FormatAgo(at, at + std::chrono::seconds(5), Language::kChinese), "5 秒前");
  EXPECT_EQ(FormatAgo(at, at - std::chrono::seconds(9), Language::kEnglish), "0 s ago");
}

TEST(Format, Bytes) {
  EXPECT_EQ(FormatBytes({}), "–");
  EXPECT_EQ(FormatBytes(43'515'904.0), "41.5 MiB");
}

}  // namespace
}  // namespace backlogd::status
