#include <unistd.h>

#include <chrono>
#include <iostream>
#include <span>

#include "cli/core_dumps.h"
#include "cli/terminal.h"
#include "kafka/librdkafka_client.h"
#include "sim/run.h"

namespace backlogd::sim {
namespace {

int Main(std::span<const char* const> args) {
  cli::ForbidCoreDumps();
  cli::Stop stop;
  const cli::StopOnSignals on_signals(stop);
  const auto make_client = [](const config::Cluster& cluster, Log& log) {
    return kafka::MakeLibrdkafkaClient(cluster, std::chrono::hours(1), log);
  };
  const auto wall_now = [] {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  };
  const Surroundings with = {.out = std::cout,
                             .err = std::cerr,
                             .err_is_terminal = isatty(STDERR_FILENO) == 1,
                             .columns = cli::Columns(),
                             .wall_now = wall_now,
                             .steady_now = [] { return std::chrono::steady_clock::now(); },
                             .stop = stop,
                             .make_client = make_client,
                             .make_reader = &kafka::MakeRecordReader,
                             .make_producer = &kafka::MakeRecordProducer,
                             .make_member = &kafka::MakeGroupMember,
                             .make_admin = &kafka::MakeClusterAdmin};
  return Run(args, with);
}

}  // namespace
}  // namespace backlogd::sim

int main(int argc, char** argv) {
  return backlogd::sim::Main(std::span(argv, static_cast<std::size_t>(argc)));
}
