#pragma once

#include <iosfwd>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "base/log.h"

namespace backlogd::cli {

// Warnings and errors of the Kafka client, one line each, each line once.
class StderrLog : public Log {
 public:
  // `err` must outlive it.
  StderrLog(std::ostream& err, std::string program) : err_(err), program_(std::move(program)) {}

  void Write(LogLevel level, std::string_view event,
             std::initializer_list<LogField> fields) override;

 private:
  std::mutex mutex_;
  std::ostream& err_;
  const std::string program_;
  std::set<std::string> written_;
};

}  // namespace backlogd::cli
