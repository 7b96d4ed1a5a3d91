#pragma once

#include "sim/session.h"

// The two modes of `produce`. Both return the exit status and throw as commands do.
namespace backlogd::sim {

// Serves POST /push until a stop is requested; then answers what it has accepted, and reports.
int ServePush(const Session& session);

// Produces by a schedule, without HTTP, until so many records are sent, or a stop is requested;
// then flushes, and reports. kExitFailed if a record was lost, or may have been.
int ProduceBySchedule(const Session& session);

}  // namespace backlogd::sim
