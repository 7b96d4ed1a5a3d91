#pragma once

#include "dlq/session.h"

// The commands of the program. Each returns the exit status; they throw as Session does.
namespace backlogd::dlq {

int RunList(Session& session);
int RunShow(Session& session);
int RunRedeliver(Session& session);
int RunLog(Session& session);
int RunDiscard(Session& session);

}  // namespace backlogd::dlq
