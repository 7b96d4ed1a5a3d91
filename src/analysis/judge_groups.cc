// What the samples of a group's partitions say of the group.

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include "analysis/capacity.h"
#include "analysis/cause.h"
#include "analysis/lag_history.h"
#include "analysis/pair_window.h"
#include "analysis/status.h"

namespace backlogd::analysis {
namespace {

using Assigned = std::span<const snapshot::AssignedPartition>;

// Records per second that passed between the oldest and the newest sample.
Baseline::Rates RatesOf(std::span<const LagSample> samples) {
  const Seconds elapsed = samples.back().at - samples.front().at;
  const auto written = static_cast<double>(samples.back().end - samples.front().end);
  const auto read = static_cast<double>(samples.back().committed - samples.front().committed);
  return {std::max(0.0, written / elapsed.count()), std::max(0.0, read / elapsed.count())};
}

// One group being judged: what its partitions add up to.
class Judgement {
 public:
  Judgement(const AnalysisSettings& settings, const LagHistory& history, GroupHistory& group)
      : settings_(settings), history_(history), group_(group) {
    if (IsDescribed(group, history.poll)) assigned_ = group.assigned;
  }

  void Run() {
    group_.partitions_without_leader = 0;
    for (PairHistory& pair : group_.pairs) {
      const PartitionHistory* partition =
          FindPartition(history_.topics[pair.topic], pair.partition);
      if (partition == nullptr) {
        complete_ = false;
        continue;
      }
      if (partition->leader == kafka::kNoBroker) ++group_.partitions_without_leader;
      if (pair.lag_at == history_.poll) {
        JudgePair(*partition, pair);
      } else {
        complete_ = false;
      }
    }
    WatchUncommitted();
    if (complete_) Conclude();
  }

 private:
  std::optional<bool> HasReader(const PairHistory& pair) const;
  void JudgePair(const PartitionHistory& partition, PairHistory& pair);
  bool CountTrouble(const PartitionWindow& window, Status status);
  void AddRates(std::span<const LagSample> samples, bool is_behind);
  void AddDrain(const PartitionWindow& window);
  void AddBusy(const LagSamples& samples);
  void AddBroker(const PartitionHistory& partition);
  bool RecordsCame(const snapshot::AssignedPartition& assigned, WallTime at) const;
  void WatchUncommitted();
  void Conclude();
  std::optional<Status> GroupStatus() const;
  void UpdateCapacity();
  GroupEvidence Evidence(Status status) const;
  std::int64_t MembersNeededNow() const;

  const AnalysisSettings& settings_;
  const LagHistory& history_;
  GroupHistory& group_;
  Assigned assigned_;

  bool complete_ = true;  // all lags were measured in this poll
  bool judged_ = true;    // there was history enough for all partitions
  Status worst_ = Status::kOk;
  std::uint32_t idle_ = 0;
  std::uint32_t behind_ = 0;
  std::int64_t lag_ = 0;
  bool rates_known_ = true;
  Baseline::Rates rates_;
  Baseline::Rates of_behind_;
  bool draining_ = true;
  Seconds drain_{0};
  SaturatedStretch busy_;
  BrokerEvidence broker_;
};

// Nobody is said to be missing while members come and go.
std::optional<bool> Judgement::HasReader(const PairHistory& pair) const {
  if (!IsDescribed(group_, history_.poll)) return std::nullopt;
  if (group_.members == 0) return false;
  if (group_.state != kafka::GroupState::kStable) return std::nullopt;
  const auto found = std::ranges::lower_bound(
      assigned_, std::pair(pair.topic, pair.partition), {},
      [](const snapshot::AssignedPartition& one) { return std::pair(one.topic, one.partition); });
  return found != assigned_.end() && found->topic == pair.topic &&
         found->partition == pair.partition;
}

void Judgement::JudgePair(const PartitionHistory& partition, PairHistory& pair) {
  const LagSamples samples = SamplesOf(pair, partition, group_.reads_committed, history_.clock);
  PartitionWindow window;
  window.samples = samples.all();
  window.length = history_.clock.length();
  window.caught_up = CaughtUp(pair, history_.clock);
  window.rewound_from = pair.rewound_from;
  window.waited = history_.clock.now() - pair.waiting_since;
  window.usual_wait = std::chrono::milliseconds(pair.usual_wait_ms);
  if (window.usual_wait > window.length / 4) {
    window.end_before_commit = EndBy(pair.waiting_since - window.length / 4, partition,
                                     group_.reads_committed, history_.clock);
  }
  window.shown = pair.status;
  window.has_reader = pair.lag == 0 ? std::nullopt : HasReader(pair);
  if (const std::optional<Status> judged = EvaluatePartition(window)) {
    pair.status = pair.filter.Update(*judged);
    pair.status_at = history_.poll;
    worst_ = std::max(worst_, pair.status);
  } else {
    judged_ = false;
    pair.filter = {};  // what was judged before a new beginning holds nothing back
    pair.status = Status::kOk;
    pair.status_at = 0;
  }
  const bool behind = CountTrouble(window, pair.status);
  lag_ += pair.effective_lag == kUnknown ? pair.lag : pair.effective_lag;
  AddRates(window.samples, behind);
  AddDrain(window);
  AddBusy(samples);
  if (pair.status != Status::kOk) AddBroker(partition);
}

// Records are lost by one who is too slow, or by one who does not read: the causes differ. True if
// the partition counts as behind.
bool Judgement::CountTrouble(const PartitionWindow& window, Status status) {
  const bool losing = status == Status::kLosingData;
  const bool idle = status == Status::kStalled || status == Status::kStopped ||
                    (losing && (HasStalled(window) || HasStopped(window)));
  const bool behind = status == Status::kFallingBehind || (losing && !idle);
  if (idle) ++idle_;
  if (behind) ++behind_;
  return behind;
}

void Judgement::AddRates(std::span<const LagSample> samples, bool is_behind) {
  if (samples.back().at - samples.front().at < history_.clock.length() / 2) {
    rates_known_ = false;
    return;
  }
  const Baseline::Rates rates = RatesOf(samples);
  rates_.inflow += rates.inflow;
  rates_.consumption += rates.consumption;
  if (!is_behind) return;
  of_behind_.inflow += rates.inflow;
  of_behind_.consumption += rates.consumption;
}

// A group has drained its backlog when the slowest of its partitions has.
void Judgement::AddDrain(const PartitionWindow& window) {
  if (KeepsUp(window)) return;
  const LagSample& before = window.samples.front();
  const LagSample& now = window.samples.back();
  std::optional<Seconds> drain;
  if (now.at > before.at) {
    drain = DrainTime(Waiting(before), Waiting(now), now.at - before.at);
  }
  if (!drain) draining_ = false;
  if (drain) drain_ = std::max(drain_, *drain);
}

void Judgement::AddBusy(const LagSamples& samples) {
  const auto stretch = FindBusyStretch(samples, group_.steady_since);
  if (!stretch || stretch->records_per_second <= 0) {
    if (samples.all().size() > 1) {
      busy_.other_records_per_second += RatesOf(samples.all()).consumption;
    }
    return;
  }
  busy_.records_per_second += stretch->records_per_second;
  ++busy_.saturated_partitions;
}

void Judgement::AddBroker(const PartitionHistory& partition) {
  if (partition.under_replicated) ++broker_.under_replicated;
  broker_.throttled |= history_.broker_health.IsThrottled(partition.leader);
  broker_.slow |= history_.broker_health.IsSlow(partition.leader);
}

// Whether records were written into the partition after `at`, an instant of the last while.
bool Judgement::RecordsCame(const snapshot::AssignedPartition& assigned, WallTime at) const {
  const PartitionHistory* partition =
      FindPartition(history_.topics[assigned.topic], assigned.partition);
  if (partition == nullptr || partition->end.offset == kUnknown) return false;
  const auto before = partition->timeline.EndBy(at);
  return before && partition->end.offset > *before;
}

// A member that gets records of a partition commits there sooner or later. From the first records
// on that come into a partition without a commit, since the members are there, time is counted;
// until it has one.
void Judgement::WatchUncommitted() {
  if (!IsDescribed(group_, history_.poll) || group_.committed_at != history_.poll) return;
  const WallTime now = history_.clock.now();
  const bool is_counting = group_.uncommitted_since != WallTime{};
  const WallTime since = is_counting ? group_.uncommitted_since : now;
  if (!is_counting) {
    group_.uncommitted_from = std::max(now - history_.clock.length(), group_.steady_since);
  }
  bool records_came = false;
  auto pair = group_.pairs.begin();
  for (const snapshot::AssignedPartition& assigned : assigned_) {
    const auto place = std::pair(assigned.topic, assigned.partition);
    while (pair != group_.pairs.end() && std::pair(pair->topic, pair->partition) < place) ++pair;
    if (pair != group_.pairs.end() && std::pair(pair->topic, pair->partition) == place) continue;
    records_came = records_came || RecordsCame(assigned, group_.uncommitted_from);
  }
  group_.uncommitted_since = records_came ? since : WallTime{};
}

std::optional<Status> Judgement::GroupStatus() const {
  if (!judged_) return std::nullopt;
  const bool not_committing =
      group_.uncommitted_since != WallTime{} &&
      history_.clock.now() - group_.uncommitted_since >= history_.clock.length() / 2;
  if (not_committing) return std::max(worst_, Status::kNotCommitting);
  if (group_.pairs.empty()) return std::nullopt;
  return worst_;
}

void Judgement::UpdateCapacity() {
  const bool steady = group_.state == kafka::GroupState::kStable && !assigned_.empty();
  if (!history_.clock.taken() || !steady) return;
  busy_.members = group_.members;
  busy_.assigned_partitions =
      std::max(static_cast<std::uint32_t>(assigned_.size()), busy_.saturated_partitions);
  if (const std::optional<double> observed = MemberCapacity(busy_)) {
    group_.member_capacity = SmoothCapacity(group_.member_capacity, *observed);
  }
}

GroupEvidence Judgement::Evidence(Status status) const {
  GroupEvidence evidence;
  evidence.status = status;
  evidence.broker = broker_;
  evidence.broker.partitions_without_leader = group_.partitions_without_leader;
  evidence.partitions = static_cast<std::uint32_t>(std::max(group_.pairs.size(), assigned_.size()));
  evidence.idle = idle_;
  evidence.behind = behind_;
  if (IsDescribed(group_, history_.poll)) evidence.members = group_.members;
  if (rates_known_) {
    evidence.inflow = rates_.inflow;
    evidence.consumption = rates_.consumption;
    evidence.consumption_of_behind = of_behind_.consumption;
    if (rates_.inflow > 0) evidence.inflow_share_of_behind = of_behind_.inflow / rates_.inflow;
  }
  if (const auto usual = group_.baseline.Median()) {
    evidence.inflow_baseline = usual->inflow;
    evidence.consumption_baseline = usual->consumption;
  }
  return evidence;
}

std::int64_t Judgement::MembersNeededNow() const {
  const auto partitions =
      static_cast<std::int64_t>(std::max(group_.pairs.size(), assigned_.size()));
  const std::optional<double> capacity = CapacityOf(group_);
  if (!capacity || !rates_known_ || partitions == 0) return kUnknown;
  return MembersNeeded({rates_.inflow, lag_}, *capacity, settings_.drain_time, partitions);
}

void Judgement::Conclude() {
  GroupVerdict& verdict = group_.verdict;
  verdict = {};
  verdict.at = history_.poll;
  verdict.status = GroupStatus();
  if (rates_known_ && !group_.pairs.empty()) verdict.rates = rates_;
  group_.baseline.Update(verdict.rates, verdict.status == Status::kOk, history_.clock.now(),
                         history_.clock.length());
  UpdateCapacity();
  if (verdict.status) verdict.cause = EvaluateCause(Evidence(*verdict.status));
  if (draining_ && !group_.pairs.empty()) verdict.drain_ms = std::llround(drain_.count() * 1000);
  verdict.members_needed = MembersNeededNow();
}

}  // namespace

void JudgeGroups(const AnalysisSettings& settings, LagHistory& history) {
  for (GroupHistory& group : history.groups) {
    if (group.committed_at == history.poll) Judgement(settings, history, group).Run();
  }
}

}  // namespace backlogd::analysis
