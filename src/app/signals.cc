#include "app/signals.h"

#include <unistd.h>

namespace backlogd::app {
namespace {

// Somebody is in a hurry, or the orderly end is stuck. There is nothing to lose: no state is kept.
extern "C" void EndAtOnce(int) { _exit(0); }

void SetAction(int signal, void (*action)(int), struct sigaction* old) {
  struct sigaction wanted = {};
  wanted.sa_handler = action;
  sigemptyset(&wanted.sa_mask);
  sigaction(signal, &wanted, old);
}

}  // namespace

StopSignals::StopSignals() : signals_{}, old_mask_{}, old_pipe_{} {
  SetAction(SIGPIPE, SIG_IGN, &old_pipe_);
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, &old_mask_);
}

StopSignals::~StopSignals() {
  pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr);
  sigaction(SIGPIPE, &old_pipe_, nullptr);
}

int StopSignals::Wait(const std::function<void()>& on_hangup) {
  int signal = 0;
  while (sigwait(&signals_, &signal) != 0 || signal == SIGHUP) {
    if (signal == SIGHUP) on_hangup();
  }
  sigset_t again;
  sigemptyset(&again);
  for (const int second : {SIGINT, SIGTERM}) {
    SetAction(second, EndAtOnce, nullptr);
    sigaddset(&again, second);
  }
  pthread_sigmask(SIG_UNBLOCK, &again, nullptr);
  return signal;
}

}  // namespace backlogd::app
