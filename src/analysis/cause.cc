#include "analysis/cause.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

namespace backlogd::analysis {
namespace {

// Inflow of a normal day goes up and down by less than half between windows.
constexpr double kSurge = 1.5;
// A third less time for the same work: more than a rebalance or a slow batch costs in a window.
constexpr double kSlowdown = 4.0 / 3;
// Reading at this share of normal is not held back by a broker.
constexpr double kNormalReading = 0.8;
// Counting in polls is not exact: a backlog that stays is read as fast as it grows, give or take.
constexpr double kAsMuch = 1.05;

// How many times `more` is `less`; absent if one is not known or both are 0.
std::optional<double> Ratio(std::optional<double> more, std::optional<double> less) {
  if (!more || !less || (*more <= 0 && *less <= 0)) return std::nullopt;
  if (*less <= 0) return std::numeric_limits<double>::max();
  return *more / *less;
}

std::optional<double> Rise(const GroupEvidence& evidence) {
  return Ratio(evidence.inflow, evidence.inflow_baseline);
}

std::optional<double> Drop(const GroupEvidence& evidence) {
  return Ratio(evidence.consumption_baseline, evidence.consumption);
}

bool ReadsAsUsual(const GroupEvidence& evidence) {
  const std::optional<double> drop = Drop(evidence);
  return drop && *drop * kNormalReading <= 1;
}

// Members read, and not more than is written.
bool ReadsTooLittle(const GroupEvidence& evidence) {
  return evidence.inflow && evidence.consumption && *evidence.consumption > 0 &&
         *evidence.consumption <= *evidence.inflow * kAsMuch;
}

bool IsBacklogThatStays(Status status) {
  return status == Status::kFallingBehind || status == Status::kStalled ||
         status == Status::kStopped || status == Status::kLosingData;
}

}  // namespace

std::string_view ToText(Cause cause) {
  static constexpr std::array<std::string_view, kCauseCount> kNames = {"broker",
                                                                       "consumer_stopped",
                                                                       "skew",
                                                                       "producer_surge",
                                                                       "consumer_slowdown",
                                                                       "too_few_partitions",
                                                                       "underprovisioned",
                                                                       "unknown"};
  return kNames[static_cast<std::size_t>(cause)];
}

bool IsBroker(const GroupEvidence& evidence) {
  const BrokerEvidence& broker = evidence.broker;
  if (broker.partitions_without_leader > 0) return true;
  // Where nobody reads, no broker holds anybody back.
  if (evidence.status == Status::kStopped) return false;
  if (evidence.members.value_or(1) == 0 && evidence.consumption.value_or(0) <= 0) return false;
  if (ReadsAsUsual(evidence)) return false;
  // The quota that is seen is our own user's: it says little of a reader that does not get on.
  return broker.slow || broker.under_replicated > 0 || (broker.throttled && evidence.idle == 0);
}

bool IsConsumerStopped(const GroupEvidence& evidence) { return evidence.idle > 0; }

bool IsSkew(const GroupEvidence& evidence) {
  if (!evidence.inflow_share_of_behind || evidence.behind == 0) return false;
  const double fair = static_cast<double>(evidence.behind) / evidence.partitions;
  if (fair > 0.5) return false;
  // Twice their share; where that is (nearly) all, as for one of two, half-way to all.
  return *evidence.inflow_share_of_behind >= std::min(2 * fair, (1 + fair) / 2);
}

bool IsProducerSurge(const GroupEvidence& evidence) {
  const std::optional<double> rise = Rise(evidence);
  return rise && *rise >= kSurge && *rise >= Drop(evidence).value_or(0);
}

namespace {

// At most half of the partitions are behind, and of their share of what was read in normal times
// less is read now: one member of several is slow. The group's own rate hardly shows it.
bool AreSomeSlow(const GroupEvidence& evidence) {
  if (evidence.behind == 0 || evidence.behind * 2 > evidence.partitions) return false;
  if (evidence.members.value_or(1) < 2) return false;
  if (!evidence.inflow_share_of_behind || !evidence.consumption_baseline) return false;
  const double usual = *evidence.consumption_baseline * *evidence.inflow_share_of_behind;
  const std::optional<double> drop = Ratio(usual, evidence.consumption_of_behind);
  return drop && *drop >= kSlowdown && !IsProducerSurge(evidence);
}

}  // namespace

bool IsConsumerSlowdown(const GroupEvidence& evidence) {
  if (AreSomeSlow(evidence)) return true;
  const std::optional<double> drop = Drop(evidence);
  return drop && *drop >= kSlowdown && evidence.inflow && Rise(evidence) &&
         *evidence.consumption <= *evidence.inflow * kAsMuch && !IsProducerSurge(evidence);
}

bool IsTooFewPartitions(const GroupEvidence& evidence) {
  return evidence.members && evidence.partitions > 0 && *evidence.members >= evidence.partitions &&
         ReadsTooLittle(evidence);
}

bool IsUnderprovisioned(const GroupEvidence& evidence) {
  return evidence.members && *evidence.members > 0 && *evidence.members < evidence.partitions &&
         ReadsTooLittle(evidence);
}

std::optional<Cause> EvaluateCause(const GroupEvidence& evidence) {
  if (!IsBacklogThatStays(evidence.status)) return std::nullopt;
  if (IsBroker(evidence)) return Cause::kBroker;
  if (IsConsumerStopped(evidence)) return Cause::kConsumerStopped;
  if (IsSkew(evidence)) return Cause::kSkew;
  if (IsProducerSurge(evidence)) return Cause::kProducerSurge;
  if (IsConsumerSlowdown(evidence)) return Cause::kConsumerSlowdown;
  if (IsTooFewPartitions(evidence)) return Cause::kTooFewPartitions;
  if (IsUnderprovisioned(evidence)) return Cause::kUnderprovisioned;
  return Cause::kUnclear;
}

}  // namespace backlogd::analysis
