#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <optional>

#include "app/reloader.h"
#include "base/log.h"
#include "config/config.h"
#include "exposition/self_metrics.h"

namespace backlogd::app {

// What both ways to run need; outlives them.
struct Surroundings {
  const config::Config& config;
  Factories factories;
  exposition::SelfMetrics& metrics;
  Log& log;
  std::optional<std::filesystem::path> web_config_file{};  // absent: everybody may read
  bool open_probes = false;  // /-/healthy and /-/ready ask for no password
};

// How the daemon is told to read its configuration again; a SIGHUP always is one.
struct ReloadOptions {
  std::function<Loaded()> load;
  std::function<void(const config::Logging&)> configure_log;
  bool by_http = false;  // POST or PUT of /-/reload
};

// The daemon: polls and serves until SIGINT or SIGTERM. Throws if it cannot start; the message is
// for the operator. REQUIRES: no other thread runs
void Serve(const Surroundings& with, const ReloadOptions& reload);

// Polls every cluster once and writes the page to `out` as text. False if some cluster could not be
// polled. Failures go to the log. Throws if it cannot start.
bool Once(const Surroundings& with, std::ostream& out);

}  // namespace backlogd::app
