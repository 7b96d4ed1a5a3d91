#pragma once

#include <csignal>
#include <functional>

namespace backlogd::app {

// From construction on, SIGINT, SIGTERM and SIGHUP wait for Wait(), and SIGPIPE is ignored; threads
// that are started meanwhile inherit that. REQUIRES: no other thread runs yet
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();  // as it was before
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Blocks until SIGINT or SIGTERM comes, and returns which. `on_hangup` is called, on this thread,
  // for each SIGHUP until then. Afterwards another SIGINT or SIGTERM ends the process at once.
  int Wait(const std::function<void()>& on_hangup);

 private:
  sigset_t signals_;
  sigset_t old_mask_;
  struct sigaction old_pipe_;
};

}  // namespace backlogd::app
