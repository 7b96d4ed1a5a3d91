#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>

#include "app/client_factory.h"
#include "base/log.h"
#include "config/config.h"
#include "exposition/self_metrics.h"

namespace backlogd::app {

// What both ways to run need; outlives them.
struct Surroundings {
  const config::Config& config;
  ClientFactory make_client;
  ReaderFactory make_reader;
  exposition::SelfMetrics& metrics;
  Log& log;
  std::optional<std::filesystem::path> web_config_file{};  // absent: everybody may read
  bool open_probes = false;  // /-/healthy and /-/ready ask for no password
};

// The daemon: polls and serves until SIGINT or SIGTERM. Throws if it cannot start; the message is
// for the operator. REQUIRES: no other thread runs
void Serve(const Surroundings& with);

// Polls every cluster once and writes the page to `out` as text. False if some cluster could not be
// polled. Failures go to the log. Throws if it cannot start.
bool Once(const Surroundings& with, std::ostream& out);

}  // namespace backlogd::app
