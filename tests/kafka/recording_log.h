#pragma once

#include <cstddef>
#include <string>
#include <string_view>
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

  bool Has(std::string_view text) const { return Count(text) > 0; }

  // Of how many lines it is a part.
  std::size_t Count(std::string_view text) const {
    MutexLock lock(mutex_);
    std::size_t count = 0;
    for (const std::string& line : lines_) count += line.find(text) != std::string::npos ? 1 : 0;
    return count;
  }

 private:
  mutable Mutex mutex_;
  std::vector<std::string> lines_ GUARDED_BY(mutex_);
};

}  // namespace backlogd::kafka
