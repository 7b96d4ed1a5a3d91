#pragma once

#include <vector>

#include "config/config.h"
#include "deadletters/classify.h"
#include "deadletters/discovery.h"

// What the operator's configuration says of dead letters, in this room's words: the same for the
// daemon and for backlogd-dlq.
namespace backlogd::deadletters {

DiscoverySettings DiscoverySettingsOf(const config::DeadLetters& dead_letters);

// REQUIRES: the patterns were checked by config
std::vector<ReasonRule> ReasonRulesOf(const config::DeadLetters& dead_letters);

}  // namespace backlogd::deadletters
