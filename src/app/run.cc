#include "app/run.h"

#include <malloc.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>

#include "app/clock.h"
#include "app/flags.h"
#include "app/serve.h"
#include "app/spdlog_log.h"
#include "app/version.h"
#include "config/load.h"
#include "http/web_access.h"
#include "kafka/librdkafka_client.h"
#include "kafka/record_reader.h"

namespace backlogd::app {
namespace {

constexpr int kOk = 0;
constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

// `error` is about a key inside of `cluster`: says where that stands, like an error that was found
// when the file was read.
config::ConfigError AtItsPlace(const config::ConfigError& error, const config::Cluster& cluster,
                               const config::Config& config, const Flags& flags) {
  const auto found = std::find_if(config.clusters.begin(), config.clusters.end(),
                                  [&](const auto& other) { return other.name == cluster.name; });
  const auto index = found - config.clusters.begin();
  const std::string key = "clusters[" + std::to_string(index) + "]." + error.key();
  const std::string text = key + ": " + error.problem();
  if (!flags.config_file) return config::ConfigError(text);
  return config::ConfigError(config::Locate(*flags.config_file, key) + ": " + text);
}

// What `make` makes of a cluster of `config`. `flags` must outlive the factory.
template <typename Make>
auto LibrdkafkaFactory(std::shared_ptr<const config::Config> config, const Flags& flags,
                       Make make) {
  return [config = std::move(config), &flags, make](const config::Cluster& cluster) {
    try {
      return make(cluster);
    } catch (const config::ConfigError& error) {
      throw AtItsPlace(error, cluster, *config, flags);
    }
  };
}

// `log` too must outlive the factories.
Factories MakeFactories(const std::shared_ptr<const config::Config>& config, const Flags& flags,
                        Log& log) {
  const auto interval = config->poll.interval;
  const auto make_client = [interval, &log](const config::Cluster& cluster) {
    return kafka::MakeLibrdkafkaClient(cluster, interval, log);
  };
  const auto make_reader = [&log](const config::Cluster& cluster) {
    return kafka::MakeRecordReader(cluster, log);
  };
  return {LibrdkafkaFactory(config, flags, make_client),
          LibrdkafkaFactory(config, flags, make_reader)};
}

void Flush(std::ostream& out) {
  if (!out.flush()) throw std::runtime_error("standard output cannot be written");
}

// Makes a Kafka client for each cluster too, because librdkafka alone knows its properties.
void CheckConfig(const std::shared_ptr<const config::Config>& shared_config, const Flags& flags,
                 const Factories& factories, std::ostream& out, Log& log) {
  const config::Config& config = *shared_config;
  const auto check_one = [&log](const config::Cluster& cluster) {
    kafka::CheckProperties(cluster, log);
  };
  const auto check = LibrdkafkaFactory(shared_config, flags, check_one);
  for (const config::Cluster& cluster : config.clusters) {
    check(cluster);
    if (config.dead_letters.scan) factories.make_reader(cluster);
  }
  if (flags.web_config_file) {
    const http::WebAccess is_read(*flags.web_config_file, log);
    out << flags.web_config_file->string() << " is fine\n";
  }
  out << (flags.config_file ? flags.config_file->string() : "the default configuration")
      << " is fine; clusters:";
  for (const config::Cluster& cluster : config.clusters) out << ' ' << cluster.name;
  out << '\n';
  Flush(out);
}

// --once and --check-config have one thing to say, on standard output; the log tells what is wrong.
LogLevel LevelFor(const config::Config& config, const Flags& flags) {
  switch (flags.action) {
    // Whatever the level: the reason of its failure is told.
    case Flags::Action::kOnce:
      return std::min(flags.log_level.value_or(LogLevel::kWarning), LogLevel::kWarning);
    // It makes clients, and need not say that no broker is there.
    case Flags::Action::kCheckConfig: return flags.log_level.value_or(LogLevel::kError);
    default: return config.log.level;
  }
}

// Pages are large, and freed at each poll. glibc would learn to keep blocks of their size in its
// heap; with a fixed limit they go back to the system.
void ReturnLargeBlocks() { mallopt(M_MMAP_THRESHOLD, 1 << 20); }

ReloadOptions Reloads(const Flags& flags, SpdlogLog& log) {
  const auto load = [&flags, &log] {
    auto config = std::make_shared<const config::Config>(LoadConfig(flags));
    return Loaded{config, MakeFactories(config, flags, log)};
  };
  const auto configure_log = [&log](const config::Logging& options) { log.Configure(options); };
  return {load, configure_log, flags.enable_lifecycle};
}

int RunWith(const Flags& flags, std::ostream& out, std::ostream& err) {
  ReturnLargeBlocks();
  const auto shared_config = std::make_shared<const config::Config>(LoadConfig(flags));
  const config::Config& config = *shared_config;
  exposition::SelfMetrics metrics(Build());
  metrics.SetConfigLoaded(true, WallNow());
  SpdlogLog log({LevelFor(config, flags), config.log.format}, err,
                [&metrics](LogLevel level) { metrics.CountLogMessage(level); });
  const Surroundings with{config,
                          MakeFactories(shared_config, flags, log),
                          metrics,
                          log,
                          flags.web_config_file,
                          flags.open_probes};
  switch (flags.action) {
    case Flags::Action::kPrint: break;
    case Flags::Action::kCheckConfig:
      CheckConfig(shared_config, flags, with.factories, out, log);
      break;
    case Flags::Action::kOnce: {
      const bool polled = Once(with, out);
      Flush(out);
      return polled ? kOk : kFailed;
    }
    case Flags::Action::kServe:
      Serve(with, Reloads(flags, log));
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
    Flush(out);
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
