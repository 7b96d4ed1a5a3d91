#include "dlq/load_config.h"

#include <algorithm>
#include <string>

#include "config/load.h"

namespace backlogd::dlq {

Chosen LoadConfig(const Flags& flags) {
  config::Config config;
  if (flags.config_file) config = config::Load(*flags.config_file);
  auto chosen = config.clusters.begin();
  if (!flags.cluster.empty()) {
    chosen = std::ranges::find(config.clusters, flags.cluster, &config::Cluster::name);
  }
  if (chosen == config.clusters.end() || (flags.cluster.empty() && config.clusters.size() > 1)) {
    std::string names;
    for (const config::Cluster& cluster : config.clusters) names += " " + cluster.name;
    throw UsageError("--kafka.cluster: must be one of" + names);
  }
  if (flags.bootstrap_servers) {
    chosen->bootstrap_servers = *flags.bootstrap_servers;
    try {
      config::Check(config);
    } catch (const config::ConfigError& e) {
      throw UsageError("--kafka.bootstrap-servers: " + e.problem());
    }
  }
  return {*chosen, config.dead_letters};
}

}  // namespace backlogd::dlq
