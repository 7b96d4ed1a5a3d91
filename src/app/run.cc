#include "app/run.h"

#include <malloc.h>

#include <algorithm>
#include <ostream>
#include <string>

#include "app/clock.h"
#include "app/flags.h"
#include "app/serve.h"
#include "app/spdlog_log.h"
#include "app/version.h"
#include "kafka/librdkafka_client.h"

namespace backlogd::app {
namespace {

constexpr int kOk = 0;
constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

ClientFactory LibrdkafkaFactory(const config::Poll& poll, Log& log) {
  return [interval = poll.interval, &log](const config::Cluster& cluster) {
    return kafka::MakeLibrdkafkaClient(cluster, interval, log);
  };
}

// Makes each cluster's client too, because librdkafka alone knows its properties.
void CheckConfig(const config::Config& config, const Flags& flags, std::ostream& out, Log& log) {
  const ClientFactory make_client = LibrdkafkaFactory(config.poll, log);
  for (const config::Cluster& cluster : config.clusters) make_client(cluster);
  out << (flags.config_file ? flags.config_file->string() : "the default configuration")
      << " is fine; clusters:";
  for (const config::Cluster& cluster : config.clusters) out << ' ' << cluster.name;
  out << '\n';
}

// --once and --check-config have one thing to say, on standard output; the log tells what is wrong.
config::Logging LoggingFor(const config::Config& config, const Flags& flags) {
  config::Logging logging = config.log;
  if (flags.log_level || flags.action == Flags::Action::kServe) return logging;
  // --check-config makes clients, and need not say that no broker is there.
  const bool check = flags.action == Flags::Action::kCheckConfig;
  logging.level = std::max(logging.level, check ? LogLevel::kError : LogLevel::kWarning);
  return logging;
}

// Pages are large, and freed at each poll. glibc would learn to keep blocks of their size in its
// heap; with a fixed limit they go back to the system.
void ReturnLargeBlocks() { mallopt(M_MMAP_THRESHOLD, 1 << 20); }

int RunWith(const Flags& flags, std::ostream& out, std::ostream& err) {
  ReturnLargeBlocks();
  const config::Config config = LoadConfig(flags);
  exposition::SelfMetrics metrics(Build());
  metrics.SetConfigLoaded(true, WallNow());
  SpdlogLog log(LoggingFor(config, flags), err,
                [&metrics](LogLevel level) { metrics.CountLogMessage(level); });
  const Surroundings with{config, LibrdkafkaFactory(config.poll, log), metrics, log};
  switch (flags.action) {
    case Flags::Action::kPrint: break;
    case Flags::Action::kCheckConfig: CheckConfig(config, flags, out, log); break;
    case Flags::Action::kOnce: return Once(with, out) ? kOk : kFailed;
    case Flags::Action::kServe:
      Serve(with);
      log.Write(LogLevel::kInfo, "backlogd stopped", {});
      break;
  }
  return kOk;
}

}  // namespace

int Run(std::span<const char* const> args, std::ostream& out, std::ostream& err) {
  try {
    const Flags flags = ParseFlags(args);
    if (flags.action != Flags::Action::kPrint) return RunWith(flags, out, err);
    out << flags.text;
    return kOk;
  } catch (const UsageError& e) {
    err << "backlogd: " << e.what() << '\n';
    return kWrongUsage;
  } catch (const std::exception& e) {
    err << "backlogd: " << e.what() << '\n';
    return kFailed;
  }
}

}  // namespace backlogd::app
