#include "app/spdlog_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

namespace backlogd::app {
namespace {

std::vector<std::string> Lines(const std::ostringstream& stream) {
  std::istringstream in(stream.str());
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(SpdlogLog, WritesOneLineAnEvent) {
  std::ostringstream stream;
  SpdlogLog log({LogLevel::kInfo, config::LogFormat::kLogfmt}, stream, nullptr);
  log.Write(LogLevel::kInfo, "listening", {{"address", "127.0.0.1:1"}});
  log.Write(LogLevel::kError, "{} %s %v", {{"cause", "two\nlines"}});
  const auto lines = Lines(stream);
  ASSERT_EQ(lines.size(), 2U) << stream.str();
  EXPECT_TRUE(lines[0].ends_with("level=info msg=\"listening\" address=127.0.0.1:1")) << lines[0];
  EXPECT_TRUE(lines[1].ends_with("level=error msg=\"{} %s %v\" cause=\"two\\nlines\"")) << lines[1];
}

TEST(SpdlogLog, WritesJson) {
  std::ostringstream stream;
  SpdlogLog log({LogLevel::kInfo, config::LogFormat::kJson}, stream, nullptr);
  log.Write(LogLevel::kWarning, "hm", {{"key", "a\"b"}});
  EXPECT_TRUE(stream.str().ends_with("\"level\":\"warn\",\"msg\":\"hm\",\"key\":\"a\\\"b\"}\n"))
      << stream.str();
}

TEST(SpdlogLog, LeavesOutAndDoesNotCountLevelsBelowItsOwn) {
  std::ostringstream stream;
  std::vector<LogLevel> counted;
  SpdlogLog log({LogLevel::kWarning, config::LogFormat::kLogfmt}, stream,
                [&](LogLevel level) { counted.push_back(level); });
  log.Write(LogLevel::kDebug, "a", {});
  log.Write(LogLevel::kInfo, "b", {});
  log.Write(LogLevel::kWarning, "c", {});
  log.Write(LogLevel::kError, "d", {});
  EXPECT_EQ(counted, (std::vector{LogLevel::kWarning, LogLevel::kError}));
  EXPECT_EQ(Lines(stream).size(), 2U) << stream.str();
}

TEST(SpdlogLog, LimitsEachKindAndCountsWhatItLeavesOut) {
  std::ostringstream stream;
  int counted = 0;
  SpdlogLog log({LogLevel::kInfo, config::LogFormat::kLogfmt}, stream,
                [&](LogLevel) { ++counted; });
  const auto write_many = [&](std::string_view cluster, std::string_view step) {
    for (int i = 0; i < 50; ++i) {
      log.Write(LogLevel::kWarning, "failed",
                {{"kafka_cluster", cluster}, {"step", step}, {"try", std::to_string(i)}});
    }
  };
  write_many("a", "metadata");
  EXPECT_EQ(Lines(stream).size(), LogRateLimit::kBurst);
  write_many("b", "metadata");
  write_many("b", "list_groups");
  EXPECT_EQ(Lines(stream).size(), 3 * LogRateLimit::kBurst);
  EXPECT_EQ(counted, 150);
}

TEST(SpdlogLog, TakesOtherOptionsWhileItIsInUse) {
  std::ostringstream stream;
  SpdlogLog log({LogLevel::kWarning, config::LogFormat::kLogfmt}, stream, nullptr);
  log.Configure({LogLevel::kDebug, config::LogFormat::kJson});
  log.Write(LogLevel::kDebug, "a", {});
  ASSERT_EQ(Lines(stream).size(), 1U);
  EXPECT_TRUE(stream.str().starts_with("{")) << stream.str();
  log.Configure({LogLevel::kError, config::LogFormat::kJson});
  log.Write(LogLevel::kWarning, "b", {});
  EXPECT_EQ(Lines(stream).size(), 1U);
}

TEST(SpdlogLog, GoesOnAfterALineThatCouldNotBeWritten) {
  std::ostringstream stream;
  SpdlogLog log({LogLevel::kInfo, config::LogFormat::kLogfmt}, stream, nullptr);
  stream.setstate(std::ios::badbit);
  log.Write(LogLevel::kInfo, "listening", {});
  EXPECT_EQ(Lines(stream).size(), 1U);
}

}  // namespace
}  // namespace backlogd::app
