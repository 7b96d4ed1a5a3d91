#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/stop.h"

namespace backlogd::dlq {

// A command of the operator's that changes one text into another: `sh -c` with the text as standard
// input. Its standard error is ours.
class Transform {
 public:
  // `stop` must outlive it.
  Transform(std::string command, std::chrono::milliseconds timeout, const cli::Stop& stop)
      : command_(std::move(command)), timeout_(timeout), stop_(stop) {}

  // What it wrote; nothing if that is only blanks. An error if it does not end with status 0, or
  // not in time, or if the program is to stop: whatever it started in its process group is killed
  // then; so it is if `meanwhile`, called now and then, says false. However much is written and
  // read, neither side waits for the other for ever. REQUIRES: SIGPIPE is ignored
  Result<std::optional<std::string>> Run(
      std::string_view input, const std::function<bool()>& meanwhile = [] { return true; }) const;

 private:
  std::string command_;
  std::chrono::milliseconds timeout_;
  const cli::Stop& stop_;
};

}  // namespace backlogd::dlq
