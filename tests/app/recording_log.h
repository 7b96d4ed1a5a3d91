#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "base/log.h"

namespace backlogd::app {

// Keeps what was logged, as "level event key=value ...". Thread-safe.
class RecordingLog : public Log {
 public:
  void Write(LogLevel level, std::string_view event,
             std::initializer_list<LogField> fields) override {
    static constexpr const char* kLevels[] = {"debug ", "info ", "warn ", "error "};
    std::string line = kLevels[static_cast<int>(level)] + std::string(event);
    for (const LogField& field : fields) {
      line.append(" ").append(field.key).append("=").append(field.value);
    }
    const std::lock_guard lock(mutex_);
    lines_.push_back(line);
    changed_.notify_all();
  }

  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

  std::size_t Count(std::string_view part) const {
    const std::lock_guard lock(mutex_);
    return CountLocked(part);
  }

  // Waits until so many lines hold `part`; false after ten seconds.
  bool WaitFor(std::string_view part, std::size_t count = 1) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10),
                             [&] { return CountLocked(part) >= count; });
  }

 private:
  std::size_t CountLocked(std::string_view part) const {
    return static_cast<std::size_t>(std::count_if(
        lines_.begin(), lines_.end(),
        [&](const std::string& line) { return line.find(part) != std::string::npos; }));
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::string> lines_;
};

}  // namespace backlogd::app
