#pragma once

#include <initializer_list>
#include <string_view>

namespace backlogd {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct LogField {
  std::string_view key;    // snake_case, chosen by us
  std::string_view value;  // may hold anything: escaped by the log
};

// Where events go: one line each. The real one is in the room `app`; rooms only get a reference.
class Log {
 public:
  virtual ~Log() = default;

  // Thread-safe; does not throw. `event` is a constant sentence: lines are rate-limited per event,
  // so that what varies belongs into `fields`. REQUIRES: no secret in any field.
  virtual void Write(LogLevel level, std::string_view event,
                     std::initializer_list<LogField> fields) = 0;
};

}  // namespace backlogd
