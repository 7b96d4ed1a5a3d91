#include "app/log_line.h"

#include <gtest/gtest.h>

#include <array>

namespace backlogd::app {
namespace {

using std::chrono_literals::operator""ms;

LogEntry Entry(std::span<const LogField> fields) {
  return {WallTime(1767323045678ms), LogLevel::kInfo, "poll ended", fields, 0};
}

struct Case {
  std::string_view name;
  std::string_view value;
  std::string_view logfmt;  // as written after "key="
  std::string_view json;    // as written after "key":
};

const std::array kCases = {
    Case{"plain", "orders-1", "orders-1", R"("orders-1")"},
    Case{"address", "127.0.0.1:12092", "127.0.0.1:12092", R"("127.0.0.1:12092")"},
    Case{"v6 address", "[::1]:12092", "[::1]:12092", R"("[::1]:12092")"},
    Case{"empty", "", R"("")", R"("")"},
    Case{"blank", "a b", R"("a b")", R"("a b")"},
    Case{"equals sign", "a=b", R"("a=b")", R"("a=b")"},
    Case{"quote", R"(a"b)", R"("a\"b")", R"("a\"b")"},
    Case{"backslash", R"(a\b)", R"("a\\b")", R"("a\\b")"},
    Case{"line end", "a\nlevel=error b", R"("a\nlevel=error b")", R"("a\nlevel=error b")"},
    Case{"carriage return", "a\rb", R"("a\rb")", R"("a\rb")"},
    Case{"tab", "a\tb", R"("a\tb")", R"("a\tb")"},
    Case{"zero byte", std::string_view("a\0b", 3), R"("a\u0000b")", R"("a\u0000b")"},
    Case{"escape", "\x1b[31m", R"("\u001b[31m")", R"("\u001b[31m")"},
    Case{"delete", "\x7f", R"("\u007f")", R"("\u007f")"},
    Case{"C1 control",
         "\xc2\x9b"
         "31m",
         R"("\u009b31m")", R"("\u009b31m")"},
    Case{"first letter after C1", "\xc2\xa0", "\"\xc2\xa0\"", "\"\xc2\xa0\""},
    Case{"line separator",
         "a\xe2\x80\xa8"
         "b",
         R"("a\u2028b")", R"("a\u2028b")"},
    Case{"paragraph separator", "\xe2\x80\xa9", R"("\u2029")", R"("\u2029")"},
    Case{"emoji", "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"", "\"\xf0\x9f\x98\x80\""},
    Case{"not UTF-8",
         "a\xff"
         "b",
         "\"a\xef\xbf\xbd"
         "b\"",
         "\"a\xef\xbf\xbd"
         "b\""},
    Case{"cut sequence", "a\xe2\x80", "\"a\xef\xbf\xbd\xef\xbf\xbd\"",
         "\"a\xef\xbf\xbd\xef\xbf\xbd\""},
};

TEST(ToLogfmt, EscapesWhatFieldsHold) {
  for (const Case& c : kCases) {
    const std::array fields = {LogField{"key", c.value}};
    EXPECT_EQ(
        ToLogfmt(Entry(fields)),
        "ts=2026-01-02T03:04:05.678Z level=info msg=\"poll ended\" key=" + std::string(c.logfmt))
        << c.name;
  }
}

TEST(ToJson, EscapesWhatFieldsHold) {
  for (const Case& c : kCases) {
    const std::array fields = {LogField{"key", c.value}};
    EXPECT_EQ(ToJson(Entry(fields)),
              R"({"ts":"2026-01-02T03:04:05.678Z","level":"info","msg":"poll ended","key":)" +
                  std::string(c.json) + "}")
        << c.name;
  }
}

TEST(ToLogfmt, SaysHowManyWereLeftOut) {
  LogEntry entry = Entry({});
  entry.suppressed = 7;
  EXPECT_TRUE(ToLogfmt(entry).ends_with("msg=\"poll ended\" suppressed=7")) << ToLogfmt(entry);
  EXPECT_TRUE(ToJson(entry).ends_with(R"("msg":"poll ended","suppressed":"7"})")) << ToJson(entry);
}

TEST(ToLogfmt, WritesTimesInUtcWithMilliseconds) {
  LogEntry entry = Entry({});
  entry.time = WallTime(0ms);
  EXPECT_TRUE(ToLogfmt(entry).starts_with("ts=1970-01-01T00:00:00.000Z ")) << ToLogfmt(entry);
  entry.time = WallTime(951868799999ms);  // last millisecond of a leap day
  EXPECT_TRUE(ToLogfmt(entry).starts_with("ts=2000-02-29T23:59:59.999Z ")) << ToLogfmt(entry);
}

TEST(ToText, NamesEachLevel) {
  EXPECT_EQ(ToText(LogLevel::kDebug), "debug");
  EXPECT_EQ(ToText(LogLevel::kInfo), "info");
  EXPECT_EQ(ToText(LogLevel::kWarning), "warn");
  EXPECT_EQ(ToText(LogLevel::kError), "error");
}

}  // namespace
}  // namespace backlogd::app
