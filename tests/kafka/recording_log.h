#pragma once

#include <string>
#include <vector>

#include "base/log.h"
#include "base/mutex.h"

namespace backlogd::kafka {

// Keeps every line, as "event key=value key=value".
class RecordingLog final : public Log {
 public:
  void Write(LogLevel, std::string_view event, std::initializer_list<LogField> fields) override {
    std::string line(event);
    for (const LogField& field : fields) {
      line.append(" ").append(field.key).append("=").append(field.value);
    }
    MutexLock lock(mutex_);
    lines_.push_back(std::move(line));
  }

  bool Has(std::string_view text) const {
    MutexLock lock(mutex_);
    for (const std::string& line : lines_) {
      if (line.find(text) != std::string::npos) return true;
    }
    return false;
  }

 private:
  mutable Mutex mutex_;
  std::vector<std::string> lines_ GUARDED_BY(mutex_);
};

}  // namespace backlogd::kafka
