#include "snapshot/collector.h"

#include <algorithm>
#include <utility>

#include "snapshot/poll.h"

namespace backlogd::snapshot {
namespace {

// Topics not seen for this many polls are forgotten: one that comes and goes keeps its turn.
constexpr std::uint64_t kForgetAfterPolls = 10;

}  // namespace

ClusterSnapshot Poll::Run(WallTime now) {
  using Spec = kafka::OffsetSpec;
  seen_.taken_at = now;
  seen_.ends_at = now;
  seen_.ends_steady = begin_;
  ++context_.memory.poll;
  RunStep(Step::kMetadata, 0.5, [&](Deadline until) { ReadMetadata(until); });
  if (seen_.metadata_known) {
    RunStep(Step::kListGroups, 0.3, [&](Deadline until) { ListGroups(until); });
    RunStep(Step::kLogStartOffsets, 0.3, [&](Deadline until) {
      ReadLogOffsets(&PartitionLog::start, Spec::kEarliest, Step::kLogStartOffsets, until);
    });
    RunStep(Step::kCommittedOffsets, 0.5, [&](Deadline until) { ReadCommitted(until); });
    RunStep(Step::kLastStableOffsets, 0.3, [&](Deadline until) {
      ReadLogOffsets(&PartitionLog::last_stable, Spec::kLastStable, Step::kLastStableOffsets,
                     until);
    });
    const auto elapsed = context_.clock() - begin_;
    seen_.ends_at = now + std::chrono::floor<std::chrono::milliseconds>(elapsed);
    seen_.ends_steady = begin_ + elapsed;
    RunStep(Step::kLogEndOffsets, 0.6, [&](Deadline until) {
      ReadLogOffsets(&PartitionLog::end, Spec::kLatest, Step::kLogEndOffsets, until);
    });
    NoteShrunkLogs();
    RunStep(Step::kDescribeGroups, 0.6, [&](Deadline until) { DescribeGroups(until); });
    RunStep(Step::kDescribeTopics, 0.6, [&](Deadline until) { DescribeTopics(until); });
    RunStep(Step::kTopicConfigs, 0.6, [&](Deadline until) { DescribeTopicConfigs(until); });
    ForgetVanishedTopics();
  }
  seen_.client_statistics = context_.client.Statistics();
  return std::move(seen_);
}

void Poll::RunStep(Step step, double share, const std::function<void(Deadline)>& ask) {
  const Deadline begin = context_.clock();
  const auto left = std::max(Deadline::duration::zero(), context_.deadline - begin);
  ask(begin + std::chrono::duration_cast<Deadline::duration>(left * share));
  StepResult& result = seen_.steps[static_cast<std::size_t>(step)];
  result.ran = true;
  result.success = std::none_of(seen_.failures.begin(), seen_.failures.end(),
                                [step](const Failure& failure) { return failure.step == step; });
  result.duration = context_.clock() - begin;
}

void AddFailure(std::vector<Failure>& failures, Step step, const Error& error,
                std::uint64_t count) {
  for (Failure& failure : failures) {
    if (failure.step == step && failure.kind == error.kind) {
      failure.count += count;
      return;
    }
  }
  failures.push_back({step, error.kind, count, error.message});
}

void Poll::ForgetVanishedTopics() {
  const std::uint64_t poll = context_.memory.poll;
  std::erase_if(context_.memory.topics, [poll](const auto& topic) {
    return topic.second.seen_at + kForgetAfterPolls < poll;
  });
}

Collector::Collector(Selection selection, SteadyClock clock)
    : selection_(std::move(selection)),
      clock_(std::move(clock)),
      memory_(std::make_unique<CollectorMemory>()) {}

Collector::~Collector() = default;

Collector& Collector::operator=(Collector&& other) noexcept = default;

// A group that is remembered and not looked for would be taken for one that vanished.
void Collector::Select(Selection selection) {
  selection_ = std::move(selection);
  std::erase_if(memory_->groups,
                [this](const auto& group) { return !selection_.groups(group.first); });
}

ClusterSnapshot Collector::Collect(kafka::KafkaClient& client, WallTime now, Deadline deadline) {
  return Poll({client, selection_, clock_, *memory_, deadline}).Run(now);
}

}  // namespace backlogd::snapshot
