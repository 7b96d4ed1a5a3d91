#pragma once

#include <iosfwd>
#include <mutex>
#include <set>
#include <string>

#include "base/log.h"

namespace backlogd::dlq {

// Warnings and errors of the Kafka client, one line each, each line once.
class StderrLog : public Log {
 public:
  // `err` must outlive it.
  explicit StderrLog(std::ostream& err) : err_(err) {}

  void Write(LogLevel level, std::string_view event,
             std::initializer_list<LogField> fields) override;

 private:
  std::mutex mutex_;
  std::ostream& err_;
  std::set<std::string> written_;
};

}  // namespace backlogd::dlq
