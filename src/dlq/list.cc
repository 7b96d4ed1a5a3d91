#include <ostream>

#include "config/name_filter.h"
#include "dlq/commands.h"
#include "dlq/failure.h"
#include "dlq/queue_summary.h"

namespace backlogd::dlq {

int RunList(Session& session) {
  const config::TopicFilter watched(session.config().cluster.topics);
  std::vector<QueueSummary> queues;
  for (const deadletters::DeadLetterQueue& queue : session.survey().queues) {
    if (session.with().stop.Requested()) return kExitInterrupted;
    if (watched.Matches(queue.topic)) {
      queues.push_back(Summarize(session, queue, session.flags().sample));
    }
  }
  std::ostream& out = session.with().out;
  if (session.flags().json) {
    for (const QueueSummary& queue : queues) out << ToJson(queue) << '\n';
  } else if (!queues.empty()) {
    out << ToTable(queues, session.with().wall_now());
  }
  if (!out.flush()) throw Failure("standard output cannot be written");
  for (const QueueSummary& queue : queues) {
    if (!queue.problem.empty()) session.Warn(queue.problem);
  }
  if (queues.empty()) session.Warn("no dead-letter queue was found");
  return kExitDone;
}

}  // namespace backlogd::dlq
