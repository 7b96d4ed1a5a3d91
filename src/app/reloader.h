#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/exporter.h"
#include "base/log.h"
#include "base/mutex.h"
#include "config/config.h"
#include "exposition/self_metrics.h"

namespace backlogd::app {

// A configuration and what clients are made by under it.
struct Loaded {
  std::shared_ptr<const config::Config> config;
  Factories factories;
};

// Reads the configuration again as at the start, and lets the running program follow it. A
// configuration that cannot be used changes nothing but the metrics. Thread-safe: reloads come one
// after the other.
class Reloader {
 public:
  struct Outcome {
    bool success = false;
    std::string text;  // for the operator, lines; shows no secret
  };
  struct Surroundings {
    std::function<Loaded()> load;  // throws if the configuration cannot be used
    std::function<void(const config::Logging&)> configure_log;
    exposition::SelfMetrics& metrics;
    Log& log;
  };

  // `web` is what the server was started with. What is referred to outlives the reloader.
  Reloader(config::Web web, Exporter& exporter, Surroundings with);

  // Waits for no broker; for files, and for a reload that is under way.
  Outcome Reload();

 private:
  Outcome Apply(const Loaded& loaded) REQUIRES_LOCK(mutex_);
  Outcome Refuse(const std::string& cause) REQUIRES_LOCK(mutex_);

  const config::Web web_;
  Exporter& exporter_;
  const Surroundings with_;
  Mutex mutex_;
};

}  // namespace backlogd::app
