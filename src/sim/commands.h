#pragma once

#include "sim/session.h"

// The commands of the program. Each returns the exit status, and throws Failure, UsageError or
// config::ConfigError. Once Surroundings::stop is requested they end in order, and report what was
// done.
namespace backlogd::sim {

int RunProduce(const Session& session);
int RunConsume(const Session& session);
int RunVerify(const Session& session);
int RunCapacity(const Session& session);

}  // namespace backlogd::sim
