#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/config.h"

namespace backlogd::app {

// The command line cannot be used; what() says why, in one line or two.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The command line. What is absent was not given: the configuration decides.
struct Flags {
  enum class Action { kServe, kOnce, kCheckConfig, kPrint };
  Action action = Action::kServe;
  std::string text;  // kPrint: the help or the version
  std::optional<std::filesystem::path> config_file;
  std::optional<std::string> bootstrap_servers;
  std::vector<std::string> listen_addresses;  // empty: not given
  std::optional<std::string> telemetry_path;
  std::optional<std::filesystem::path> web_config_file;
  bool open_probes = false;
  bool enable_lifecycle = false;
  std::optional<LogLevel> log_level;
  std::optional<config::LogFormat> log_format;
};

// `args` begins with the program's name. Throws UsageError.
Flags ParseFlags(std::span<const char* const> args);

// The effective configuration: the file, or the defaults without one, with the flags over it.
// Throws config::ConfigError, or UsageError where a flag does not go with the file.
config::Config LoadConfig(const Flags& flags);

}  // namespace backlogd::app
