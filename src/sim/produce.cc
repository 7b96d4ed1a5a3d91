#include "sim/commands.h"
#include "sim/produce_run.h"

namespace backlogd::sim {

int RunProduce(const Session& session) {
  return session.settings().produce.schedule == config::Schedule::kNone
             ? ServePush(session)
             : ProduceBySchedule(session);
}

}  // namespace backlogd::sim
