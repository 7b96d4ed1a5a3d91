#include "dlq/record_text.h"

#include <gtest/gtest.h>

#include <random>

#include "base/text.h"

namespace backlogd::dlq {
namespace {

using std::string_literals::operator""s;

TEST(RecordText, ShowsNothingThatATerminalObeys) {
  const struct {
    std::string bytes;
    const char* line;
  } cases[] = {
      {"plain", "plain"},
      {"\x1b[2J\x07", "\\x1b[2J\\x07"},
      {"a\nb\tc\r", "a\\nb\\tc\\r"},
      {"nul\0!"s, "nul\\x00!"},
      {"\x7f", "\\x7f"},
      {"\xc2\x9b"
       "31m",
       "\\x9b31m"},  // CSI as one character
      {"\xe2\x80\xae"
       "evil",
       "\\u202eevil"},  // right to left
      {"\xe2\x81\xa6x", "\\u2066x"},
      {"\xf3\xa0\x80\x81", "\\ue0001"},  // an invisible tag
      {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
      {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
      {"\xff!", "\xef\xbf\xbd!"},
  };
  for (const auto& each : cases) EXPECT_EQ(ToLine(each.bytes, 100), each.line);
}

TEST(RecordText, HoldsForRandomBytes) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes(random() % 40, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    for (const std::string& text :
         {ToLine(bytes, 30), ToBlock(bytes, 30, " "), HeaderToLine("kafka_x-offset", bytes, 30)}) {
      EXPECT_TRUE(IsValidUtf8(text));
      for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
    }
  }
}

TEST(RecordText, IsBounded) {
  EXPECT_EQ(ToLine("abcdef", 4), "abcd... (2 bytes more)");
  EXPECT_EQ(ToLine("abc\xc3\xbc", 4), "abc... (2 bytes more)");
  EXPECT_EQ(ToBlock(std::string(100, '\x01'), 16, "").find("000010"), std::string::npos);
}

TEST(RecordText, SetsOutJsonAndKeepsItsWords) {
  EXPECT_EQ(ToBlock(R"({"a":12345678901234567890123,"b":[1.50,{}],"c":"x\"}"})", 1000, " "),
            " {\n   \"a\": 12345678901234567890123,\n   \"b\": [\n     1.50,\n     {}\n   ],\n"
            "   \"c\": \"x\\\"}\"\n }\n");
  EXPECT_EQ(ToBlock("{not json", 100, ""), "{not json\n");
  EXPECT_EQ(ToBlock("two\nlines", 100, "  "), "  two\n  lines\n");
  const std::string deep(100'000, '[');
  EXPECT_FALSE(ToBlock(deep + std::string(100'000, ']'), 1000, "").empty());
}

TEST(RecordText, DumpsOtherBytes) {
  EXPECT_EQ(ToBlock("\x00\x01"
                    "AB\xff"s,
                    100, ""),
            "000000   00 01 41 42 ff                                    |..AB.|\n");
}

TEST(RecordText, ReadsSpringsNumbers) {
  EXPECT_EQ(HeaderToLine("kafka_dlt-original-partition", "\0\0\0\x07"s, 100), "7");
  EXPECT_EQ(HeaderToLine("kafka_dlt-original-offset", "\0\0\0\0\0\0\x01\0"s, 100), "256");
  EXPECT_EQ(HeaderToLine("retry_topic-original-timestamp", "\x01\x8b\xcf\xe5\x68\x00"s, 100),
            "1700000000000");
  EXPECT_EQ(HeaderToLine("kafka_deliveryAttempt", "\0\0\0\x0a"s, 100), "10");
  EXPECT_EQ(HeaderToLine("other", "\0\0\0\x07"s, 100), "0x00000007");
  EXPECT_EQ(HeaderToLine("other", "1234", 100), "1234");
  EXPECT_EQ(HeaderToLine("other", std::nullopt, 100), "(null)");
}

TEST(RecordText, WritesTimesAndAges) {
  using std::chrono::milliseconds;
  EXPECT_EQ(FormatTime(WallTime(milliseconds(1'700'000'000'123))), "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(FormatTime(WallTime(milliseconds(-1))), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(FormatTime(WallTime(milliseconds(INT64_MAX))), "@9223372036854775807");
  EXPECT_EQ(FormatAge(milliseconds(-5)), "0s");
  EXPECT_EQ(FormatAge(milliseconds(61'000)), "1m 1s");
  EXPECT_EQ(FormatAge(milliseconds(3'600'000)), "1h");
  EXPECT_EQ(FormatAge(milliseconds(90'000'000'000)), "1041d 16h");
}

}  // namespace
}  // namespace backlogd::dlq
