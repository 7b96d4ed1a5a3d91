#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <iostream>
#include <span>
#include <thread>

#include "dlq/run.h"
#include "kafka/librdkafka_client.h"

namespace backlogd::dlq {
namespace {

extern "C" void EndAtOnce(int) { _exit(130); }

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

// Waits for SIGINT or SIGTERM until the token says that there is no need to any more. A second one
// ends the process at once, which is as safe as to kill it: Kafka keeps what was done.
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

std::optional<std::string> ReadLine(const Stop& stop) {
  std::string line;
  while (!stop.Requested()) {
    pollfd in = {STDIN_FILENO, POLLIN, 0};
    if (poll(&in, 1, 100) <= 0) continue;
    std::array<char, 256> buffer;
    const ssize_t got = read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got <= 0) return std::nullopt;
    line.append(buffer.data(), static_cast<std::size_t>(got));
    if (const std::size_t end = line.find('\n'); end != std::string::npos) {
      return line.substr(0, end);
    }
  }
  return std::nullopt;
}

unsigned Columns() {
  winsize size = {};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80U;
}

int Main(std::span<const char* const> args) {
  std::signal(SIGPIPE, SIG_IGN);
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  Stop stop;
  const std::jthread watcher([&stop](const std::stop_token& over) { WatchSignals(over, stop); });
  const Surroundings with = {
      .out = std::cout,
      .err = std::cerr,
      .in_is_terminal = isatty(STDIN_FILENO) == 1,
      .err_is_terminal = isatty(STDERR_FILENO) == 1,
      .columns = Columns(),
      .read_line = [&stop] { return ReadLine(stop); },
      .wall_now =
          [] {
            return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
          },
      .steady_now = [] { return std::chrono::steady_clock::now(); },
      .stop = stop,
      .make_client =
          [](const config::Cluster& cluster, Log& log) {
            return kafka::MakeLibrdkafkaClient(cluster, std::chrono::hours(1), log);
          },
      .make_reader = &kafka::MakeRecordReader,
      .make_writer = &kafka::MakeRecordWriter};
  return Run(args, with);
}

}  // namespace
}  // namespace backlogd::dlq

int main(int argc, char** argv) {
  return backlogd::dlq::Main(std::span(argv, static_cast<std::size_t>(argc)));
}
