#include "app/flags.h"

#include <CLI/CLI.hpp>
#include <map>
#include <string_view>
#include <utility>

#include "app/version.h"
#include "cli/arguments.h"
#include "config/load.h"

namespace backlogd::app {
namespace {

const std::map<std::string, LogLevel> kLogLevels = {{"debug", LogLevel::kDebug},
                                                    {"info", LogLevel::kInfo},
                                                    {"warn", LogLevel::kWarning},
                                                    {"error", LogLevel::kError}};
const std::map<std::string, config::LogFormat> kLogFormats = {
    {"logfmt", config::LogFormat::kLogfmt}, {"json", config::LogFormat::kJson}};

// What CLI11 fills in; empty text: not given.
struct RawFlags {
  std::string config_file;
  std::string bootstrap_servers;
  std::vector<std::string> listen_addresses;
  std::string telemetry_path;
  std::string web_config_file;
  bool open_probes = false;
  std::string log_level;
  std::string log_format;
  bool enable_lifecycle = false;
  bool check_config = false;
  bool once = false;
};

template <typename T>
CLI::Validator OneOf(const std::map<std::string, T>& words) {
  std::vector<std::string> keys;
  for (const auto& [word, value] : words) keys.push_back(word);
  return cli::OneOf(std::move(keys));
}

void AddAccessFlags(CLI::App& app, RawFlags& raw) {
  app.add_option("--web.config.file", raw.web_config_file,
                 "File that says who may read: TLS, client certificates, users")
      ->check(cli::NotEmpty())
      ->type_name("FILE");
  app.add_flag("--web.open-probes", raw.open_probes,
               "Answer /-/healthy and /-/ready without a password");
}

void AddConfigFlags(CLI::App& app, RawFlags& raw) {
  app.add_option("--config.file", raw.config_file, "Configuration file; without one, the defaults")
      ->check(cli::NotEmpty())
      ->type_name("FILE");
  app.add_option("--kafka.bootstrap-servers", raw.bootstrap_servers,
                 "Brokers to ask first, \"host:port,host:port\" (default localhost:9092)")
      ->check(cli::NotEmpty())
      ->type_name("LIST");
  app.add_option("--web.listen-address", raw.listen_addresses,
                 "Address to serve on, \"host:port\" or \":port\"; may be given several times "
                 "(default :12092)")
      ->allow_extra_args(false)
      ->check(cli::NotEmpty())
      ->type_name("ADDRESS");
  app.add_option("--web.telemetry-path", raw.telemetry_path,
                 "Path of the metrics (default /metrics)")
      ->check(cli::NotEmpty())
      ->type_name("PATH");
  app.add_flag("--web.enable-lifecycle", raw.enable_lifecycle,
               "Reload the configuration on POST or PUT of /-/reload too (SIGHUP always does)");
  app.add_option("--log.level", raw.log_level, "debug, info, warn or error (default info)")
      ->check(OneOf(kLogLevels))
      ->type_name("LEVEL");
  app.add_option("--log.format", raw.log_format, "logfmt or json (default logfmt)")
      ->check(OneOf(kLogFormats))
      ->type_name("FORMAT");
}

void AddActionFlags(CLI::App& app, RawFlags& raw) {
  auto* once = app.add_flag("--once", raw.once,
                            "Poll every cluster once, write the metrics to standard output, end");
  app.add_flag("--check-config", raw.check_config, "Check the configuration and end")
      ->excludes(once);
  const exposition::BuildInfo build = Build();
  app.set_version_flag("--version",
                       "backlogd " + build.version + " (revision " + build.revision + ")",
                       "Print the version and end");
  app.set_help_flag("--help,-h", "Print this and end");
}

std::optional<std::string> Given(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

Flags Cook(const RawFlags& raw) {
  Flags flags;
  if (raw.once) flags.action = Flags::Action::kOnce;
  if (raw.check_config) flags.action = Flags::Action::kCheckConfig;
  flags.config_file = Given(raw.config_file);
  flags.bootstrap_servers = Given(raw.bootstrap_servers);
  flags.listen_addresses = raw.listen_addresses;
  flags.enable_lifecycle = raw.enable_lifecycle;
  flags.telemetry_path = Given(raw.telemetry_path);
  if (!raw.web_config_file.empty()) flags.web_config_file = raw.web_config_file;
  flags.open_probes = raw.open_probes;
  if (!raw.log_level.empty()) flags.log_level = kLogLevels.at(raw.log_level);
  if (!raw.log_format.empty()) flags.log_format = kLogFormats.at(raw.log_format);
  return flags;
}

Flags Print(std::string text) {
  Flags flags;
  flags.action = Flags::Action::kPrint;
  flags.text = std::move(text);
  if (!flags.text.ends_with('\n')) flags.text += '\n';
  return flags;
}

[[noreturn]] void Refuse(const std::string& message) {
  throw UsageError(message + "\nbacklogd --help lists the flags");
}

// The flag that sets this key; empty if none does.
std::string FlagOf(std::string_view key) {
  if (key == "clusters[0].bootstrap_servers") return "--kafka.bootstrap-servers";
  if (key.starts_with("web.listen_addresses")) return "--web.listen-address";
  if (key == "web.telemetry_path") return "--web.telemetry-path";
  return "";
}

}  // namespace

Flags ParseFlags(std::span<const char* const> args) {
  CLI::App app("Tells Prometheus how much work waits in Apache Kafka.", "backlogd");
  RawFlags raw;
  AddConfigFlags(app, raw);
  AddAccessFlags(app, raw);
  AddActionFlags(app, raw);
  if (const auto problem = cli::FindEmptyValue(args)) Refuse(*problem);
  try {
    app.parse(static_cast<int>(args.size()), args.data());
  } catch (const CLI::CallForHelp&) {
    return Print(app.help());
  } catch (const CLI::CallForVersion& e) {
    return Print(e.what());
  } catch (const CLI::ParseError& e) {
    if (const auto problem = cli::FindRepetition(app)) Refuse(*problem);
    Refuse(e.what());
  }
  return Cook(raw);
}

config::Config LoadConfig(const Flags& flags) {
  config::Config config;
  if (flags.config_file) config = config::Load(*flags.config_file);
  if (flags.bootstrap_servers) {
    if (config.clusters.size() != 1) {
      throw UsageError("--kafka.bootstrap-servers: the configuration file has " +
                       std::to_string(config.clusters.size()) +
                       " clusters; set bootstrap_servers there");
    }
    config.clusters.front().bootstrap_servers = *flags.bootstrap_servers;
  }
  if (!flags.listen_addresses.empty()) config.web.listen_addresses = flags.listen_addresses;
  if (flags.telemetry_path) config.web.telemetry_path = *flags.telemetry_path;
  if (flags.log_level) config.log.level = *flags.log_level;
  if (flags.log_format) config.log.format = *flags.log_format;
  try {
    config::Check(config);  // the file was fine: what is wrong now came by a flag
  } catch (const config::ConfigError& e) {
    const std::string flag = FlagOf(e.key());
    if (flag.empty()) throw;
    Refuse(flag + ": " + e.problem());
  }
  return config;
}

}  // namespace backlogd::app
