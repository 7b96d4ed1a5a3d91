#pragma once

#include <atomic>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "app/log_rate_limit.h"
#include "base/log.h"
#include "base/mutex.h"
#include "config/config.h"

namespace spdlog {
class logger;
}

namespace backlogd::app {

// Writes events through spdlog, one line each, flushed at once. Thread-safe.
//
// A kind of event is its sentence with the fields `kafka_cluster` and `step`, where it has them:
// what repeats at one cluster hides nothing of another. Kinds are rate-limited (LogRateLimit).
class SpdlogLog : public Log {
 public:
  // `stream` must outlive the log. `on_message` is called for every event of a level that is
  // logged, left out by the rate limit or not; thread-safe; may be null.
  SpdlogLog(const config::Logging& options, std::ostream& stream,
            std::function<void(LogLevel)> on_message);
  ~SpdlogLog() override;

  // Other options from now on.
  void Configure(const config::Logging& options);

  void Write(LogLevel level, std::string_view event,
             std::initializer_list<LogField> fields) override;

 private:
  void WriteOrThrow(LogLevel level, std::string_view event, std::span<const LogField> fields);
  std::optional<std::uint64_t> Admit(std::string_view event, std::span<const LogField> fields);

  std::atomic<LogLevel> level_;
  std::atomic<config::LogFormat> format_;
  const std::function<void(LogLevel)> on_message_;
  const std::shared_ptr<spdlog::logger> logger_;
  Mutex mutex_;
  LogRateLimit rate_limit_ GUARDED_BY(mutex_);
};

}  // namespace backlogd::app
