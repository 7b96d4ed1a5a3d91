#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <iostream>
#include <span>

#include "cli/core_dumps.h"
#include "cli/terminal.h"
#include "dlq/run.h"
#include "kafka/librdkafka_client.h"

namespace backlogd::dlq {
namespace {

std::optional<std::string> ReadLine(const cli::Stop& stop) {
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

int Main(std::span<const char* const> args) {
  cli::ForbidCoreDumps();
  cli::Stop stop;
  const cli::StopOnSignals on_signals(stop);
  const Surroundings with = {
      .out = std::cout,
      .err = std::cerr,
      .in_is_terminal = isatty(STDIN_FILENO) == 1,
      .err_is_terminal = isatty(STDERR_FILENO) == 1,
      .columns = cli::Columns(),
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
