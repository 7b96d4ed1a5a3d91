#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/time.h"

namespace backlogd::app {

// One event, ready to be written down. Pure formatting below: whatever the fields hold (line ends,
// quotes, control bytes, bytes that are not UTF-8), the result is one line of valid UTF-8, without
// its line end.
struct LogEntry {
  WallTime time{};
  LogLevel level = LogLevel::kInfo;
  std::string_view event;
  std::span<const LogField> fields;
  std::uint64_t suppressed = 0;  // events of this kind left out before this one; 0 is not shown
};

// ts=2026-01-02T03:04:05.678Z level=info msg="poll ended" kafka_cluster=default
std::string ToLogfmt(const LogEntry& entry);
// {"ts":"2026-01-02T03:04:05.678Z","level":"info","msg":"poll ended","kafka_cluster":"default"}
std::string ToJson(const LogEntry& entry);

// "debug", "info", "warn" or "error".
std::string_view ToText(LogLevel level);

}  // namespace backlogd::app
