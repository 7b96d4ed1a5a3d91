#include "base/text.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <optional>
#include <random>
#include <string>

namespace backlogd {
namespace {

using std::chrono::milliseconds;
using std::chrono_literals::operator""s;

constexpr auto kMax = milliseconds(std::numeric_limits<std::int64_t>::max());

TEST(ToValidUtf8, ReplacesEachByteThatIsNotWellFormed) {
  struct Case {
    const char* what;
    std::string text;
    std::string valid;
  };
  const std::string r = "\uFFFD";
  const Case cases[] = {
      {"empty", "", ""},
      {"ASCII", "usa.offer", "usa.offer"},
      {"NUL and control characters", std::string("a\0b\n\x7F", 5), std::string("a\0b\n\x7F", 5)},
      {"two, three and four bytes", "é\u20AC\U0001F600", "é\u20AC\U0001F600"},
      {"the last of each length", "\u07FF\uFFFF\U0010FFFF", "\u07FF\uFFFF\U0010FFFF"},
      {"U+FFFD itself", r, r},
      {"around surrogates", "\uD7FF\uE000", "\uD7FF\uE000"},
      {"lone continuation", "a\x80z", "a" + r + "z"},
      {"FE and FF", "\xFE\xFF", r + r},
      {"Latin-1", "caf\xE9!", "caf" + r + "!"},
      {"cut at the end", "a\xE2\x82", "a" + r + r},
      {"cut before more text", "\xF0\x9F\x98x", r + r + r + "x"},
      {"cut before a good sequence", "\xE2\u20AC", r + "\u20AC"},
      {"overlong slash, two bytes", "\xC0\xAF", r + r},
      {"overlong, three bytes", "\xE0\x9F\xBF", r + r + r},
      {"overlong, four bytes", "\xF0\x8F\xBF\xBF", r + r + r + r},
      {"surrogate", "\xED\xA0\x80", r + r + r},
      {"above U+10FFFF", "\xF4\x90\x80\x80", r + r + r + r},
      {"lead byte F5", "\xF5\x80\x80\x80", r + r + r + r},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(ToValidUtf8(c.text), c.valid) << c.what;
    EXPECT_EQ(IsValidUtf8(c.text), c.text == c.valid) << c.what;
  }
}

TEST(ToValidUtf8, GivesValidTextForAnyBytes) {
  std::mt19937 random(20);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 12, '\0');
    for (char& byte : bytes) byte = static_cast<char>(0x78 + random() % 0x88);
    EXPECT_TRUE(IsValidUtf8(ToValidUtf8(bytes))) << testing::PrintToString(bytes);
  }
}

TEST(FindInvalidUtf8, SaysWhereTheFirstOneStands) {
  EXPECT_EQ(FindInvalidUtf8("\u20ACa\xFF\xFF"), 4u);
  EXPECT_EQ(FindInvalidUtf8("\u20ACa"), std::string::npos);
}

TEST(ParseDuration, ReadsWhatPrometheusWrites) {
  struct Case {
    const char* text;
    milliseconds duration;
  };
  const Case cases[] = {
      {"15s", 15s},
      {"500ms", milliseconds(500)},
      {"1m30s", 90s},
      {"90s", 90s},
      {"2d", std::chrono::hours(48)},
      {"1d2h3m4s5ms", milliseconds(93'784'005)},
      {"0s", 0s},
      {"007s", 7s},
      {"1m1ms", milliseconds(60'001)},
      {"9223372036854775807ms", kMax},
  };
  for (const Case& c : cases) EXPECT_EQ(ParseDuration(c.text), c.duration) << c.text;
}

TEST(ParseDuration, RefusesEverythingElse) {
  const char* const cases[] = {
      "",
      " ",
      "15",
      "s",
      "0",
      "15 s",
      " 15s",
      "15s ",
      "-5s",
      "+5s",
      "1.5s",
      "1e3s",
      "5S",
      "5sec",
      "5us",
      "1w",
      "5ss",
      "s5",
      "5s3m",
      "5s5s",
      "5ms3",
      "1m30",
      "0x5s",
      "\xC2\xA0",
      "5m ",
      "1h,m",
      "1y2d",
      "5s-1ms",
      "9223372036854775808ms",  // one more than fits
      "9223372036854776s",
      "106751991168d",                // overflow in the multiplication
      "9223372036854775s808ms",       // overflow in the sum
      "99999999999999999999999999s",  // overflow in the number
  };
  for (const char* text : cases) EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  EXPECT_EQ(ParseDuration(std::string_view("5s\0", 3)), std::nullopt);
}

TEST(FormatDuration, UsesTheLargestUnits) {
  struct Case {
    milliseconds duration;
    const char* text;
  };
  const Case cases[] = {
      {0s, "0s"},
      {milliseconds(1), "1ms"},
      {15s, "15s"},
      {90s, "1m30s"},
      {milliseconds(1500), "1s500ms"},
      {std::chrono::hours(1), "1h"},
      {std::chrono::hours(48), "2d"},
      {milliseconds(93'784'005), "1d2h3m4s5ms"},
  };
  for (const Case& c : cases) EXPECT_EQ(FormatDuration(c.duration), c.text);
}

TEST(FormatDuration, IsReadBackAsTheSameValue) {
  std::mt19937_64 random(20);
  for (int round = 0; round < 2000; ++round) {
    const milliseconds duration(static_cast<std::int64_t>(random() >> (1 + random() % 63)));
    EXPECT_EQ(ParseDuration(FormatDuration(duration)), duration) << duration.count();
  }
  EXPECT_EQ(ParseDuration(FormatDuration(kMax)), kMax);
}

TEST(ParseByteSize, ReadsANumberAloneOrWithAUnit) {
  struct {
    const char* text;
    std::optional<std::int64_t> bytes;
  } const cases[] = {
      {"0", 0},
      {"1", 1},
      {"1000000", 1'000'000},
      {"512KiB", 512 << 10},
      {"16MiB", 16 << 20},
      {"1GiB", 1 << 30},
      {"007KiB", 7 << 10},
      {"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
      {"8589934591GiB", 8589934591LL << 30},
      // not one
      {"", std::nullopt},
      {"MiB", std::nullopt},
      {"16 MiB", std::nullopt},
      {"16MB", std::nullopt},
      {"16mib", std::nullopt},
      {"16M", std::nullopt},
      {"16B", std::nullopt},
      {"1.5MiB", std::nullopt},
      {"-1", std::nullopt},
      {"+1", std::nullopt},
      {" 1", std::nullopt},
      {"1 ", std::nullopt},
      {"1e6", std::nullopt},
      {"0x10", std::nullopt},
      {"1GiB1MiB", std::nullopt},
      {"9223372036854775808", std::nullopt},
      {"8589934592GiB", std::nullopt},
  };
  for (const auto& c : cases) EXPECT_EQ(ParseByteSize(c.text), c.bytes) << c.text;
}

TEST(WithoutNumbers, MakesTextsThatDifferInNumbersEqual) {
  const std::pair<std::string, std::string> cases[] = {{"after 0 ms", "after # ms"},
                                                       {"after 120ms", "after #ms"},
                                                       {"12", "#"},
                                                       {"a1b22", "a#b#"},
                                                       {"no number", "no number"},
                                                       {"", ""}};
  for (const auto& [text, without] : cases) EXPECT_EQ(WithoutNumbers(text), without);
}

TEST(FormatByteSize, UsesTheLargestUnitThatIsWhole) {
  struct {
    std::int64_t bytes;
    const char* text;
  } const cases[] = {
      {0, "0"},
      {1, "1"},
      {1023, "1023"},
      {1024, "1KiB"},
      {1025, "1025"},
      {16 << 20, "16MiB"},
      {1536LL << 10, "1536KiB"},
      {1LL << 40, "1024GiB"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(FormatByteSize(c.bytes), c.text);
    EXPECT_EQ(ParseByteSize(c.text), c.bytes);
  }
}

}  // namespace
}  // namespace backlogd
