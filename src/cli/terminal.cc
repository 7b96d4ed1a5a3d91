#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <ctime>

namespace backlogd::cli {
namespace {

extern "C" void EndAtOnce(int) { _exit(130); }

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

// To end at once is as safe as to kill the process: Kafka keeps what was done.
void WatchSignals(const std::stop_token& over, Stop& stop) {
  const sigset_t signals = StopSignals();
  const timespec tick = {0, 100'000'000};
  while (!over.stop_requested()) {
    if (sigtimedwait(&signals, nullptr, &tick) < 0) continue;
    for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, &EndAtOnce);
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    stop.Request();
    return;
  }
}

}  // namespace

StopOnSignals::StopOnSignals(Stop& stop) {
  std::signal(SIGPIPE, SIG_IGN);
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  watcher_ = std::jthread([&stop](const std::stop_token& over) { WatchSignals(over, stop); });
}

unsigned Columns() {
  winsize size = {};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80U;
}

}  // namespace backlogd::cli
