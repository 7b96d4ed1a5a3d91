#include <algorithm>

#include "snapshot/collector.h"
#include "snapshot/poll.h"

namespace backlogd::snapshot {

StepOutcome ReadDeadLetters(kafka::RecordReader& reader, const RecordsWanted& wanted,
                            const kafka::ReadLimits& limits, const SteadyClock& clock,
                            Deadline deadline) {
  const Deadline begin = clock();
  StepOutcome outcome;
  outcome.step = Step::kReadDeadLetters;
  if (!wanted.ranges.empty()) {
    const auto share = std::max(Deadline::duration::zero(), deadline - begin) / 2;
    bool any = false;
    auto outcomes = reader.Read(wanted.ranges, limits, begin + share,
                                [&](std::size_t range, const kafka::Record& record) {
                                  any = true;
                                  wanted.take(range, record);
                                  return true;
                                });
    for (kafka::ReadOutcome& read : outcomes) {
      // Where records came, what still waited for its turn is read in the next poll.
      if (any && read.error && read.error->kind == ErrorKind::kTimeout) read.error.reset();
      if (read.error) AddFailure(outcome.failures, outcome.step, *read.error);
    }
    wanted.end(outcomes);
  }
  outcome.result = {true, outcome.failures.empty(), clock() - begin};
  return outcome;
}

}  // namespace backlogd::snapshot
