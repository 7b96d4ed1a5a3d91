#pragma once

#include <csignal>
#include <thread>

#include "cli/stop.h"

namespace backlogd::cli {

// From construction to destruction SIGINT and SIGTERM request `stop`; a second one ends the process
// at once with status 130. SIGPIPE is ignored. REQUIRES: no other thread runs yet; one in a process
class StopOnSignals {
 public:
  explicit StopOnSignals(Stop& stop);
  StopOnSignals(const StopOnSignals&) = delete;
  StopOnSignals& operator=(const StopOnSignals&) = delete;

 private:
  std::jthread watcher_;
};

// Of the terminal that standard error is; 80 if it is none.
unsigned Columns();

}  // namespace backlogd::cli
