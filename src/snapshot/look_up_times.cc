#include <algorithm>
#include <chrono>
#include <span>
#include <vector>

#include "snapshot/collector.h"
#include "snapshot/poll.h"

namespace backlogd::snapshot {
namespace {

// Counts what has no answer. True if it is worth while to ask for more.
bool TakeFailures(std::span<const kafka::PartitionOffset> answers, std::vector<Failure>& failures) {
  std::size_t failed = 0;
  bool interrupted = false;
  for (const kafka::PartitionOffset& answer : answers) {
    if (!answer.error) continue;  // no offset: no such record, which is an answer
    ++failed;
    interrupted = interrupted || answer.error->kind == ErrorKind::kInterrupted;
    AddFailure(failures, Step::kOffsetsForTimes, *answer.error);
  }
  return failed < answers.size() && !interrupted;
}

}  // namespace

StepOutcome LookUpTimes(kafka::KafkaClient& client, const TimesWanted& wanted,
                        const SteadyClock& clock, Deadline deadline) {
  const Deadline begin = clock();
  StepOutcome outcome;
  outcome.step = Step::kOffsetsForTimes;
  std::size_t left = kLookupsAPoll;
  Deadline now = begin;
  // The first round is asked in any case: that there is no time for it is a failure to be seen.
  for (int round = 0; round < kLookupRounds && left > 0; ++round) {
    if (round > 0 && now >= deadline) break;
    const std::vector<kafka::PartitionTime> question = wanted.next(left);
    if (question.empty()) break;
    left -= std::min(left, question.size());
    const auto share = std::max(Deadline::duration::zero(), deadline - now) / 2;
    const auto answers = client.FetchOffsetsForTimes(question, now + share);
    wanted.take(answers);
    now = clock();
    if (!TakeFailures(answers, outcome.failures)) break;
  }
  outcome.result = {true, outcome.failures.empty(), clock() - begin};
  return outcome;
}

}  // namespace backlogd::snapshot
