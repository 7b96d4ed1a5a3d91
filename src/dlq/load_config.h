#pragma once

#include "config/config.h"
#include "dlq/flags.h"

namespace backlogd::dlq {

// The effective configuration, and the cluster of it that is meant.
// Throws config::ConfigError, or UsageError where the flags do not tell which cluster.
struct Chosen {
  config::Cluster cluster;
  config::DeadLetters dead_letters;
};
Chosen LoadConfig(const Flags& flags);

}  // namespace backlogd::dlq
