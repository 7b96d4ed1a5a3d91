#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "analysis/status.h"

// Why a group has a backlog that grows or stays, from evidence that is itself on the page, so that
// a person can check the verdict. One named function for each cause.
namespace backlogd::analysis {

enum class Cause : std::uint8_t {
  kBroker,            // partitions without leader, lost replicas, slow or throttled requests
  kConsumerStopped,   // nobody reads, or a reader does not get on
  kSkew,              // a few partitions get most of the records: more members do not help
  kProducerSurge,     // more is written than in normal times, and as much is read
  kConsumerSlowdown,  // less is read than in normal times
  kTooFewPartitions,  // every partition has a member of its own, and that is not enough
  kUnderprovisioned,  // members read all they can, and that is not enough: add members
  kUnclear,           // nothing of this shows
};
inline constexpr int kCauseCount = 8;
// "broker", "consumer_stopped", ..., "unknown": values of the label `cause`.
std::string_view ToText(Cause cause);

// What was found at the brokers that lead the partitions in which the group has a backlog.
struct BrokerEvidence {
  std::uint32_t partitions_without_leader = 0;  // of all partitions that the group has committed
  std::uint32_t under_replicated = 0;           // of those with a backlog
  bool throttled = false;                       // a broker made requests wait (quota)
  bool slow = false;                            // requests take far longer than they used to
};

struct GroupEvidence {
  Status status = Status::kOk;  // of the group
  BrokerEvidence broker;
  std::uint32_t partitions = 0;  // that the group has committed, or is assigned
  std::uint32_t idle = 0;        // of these: stalled or stopped
  std::uint32_t behind = 0;      // of these: falling behind (or losing data while it reads)
  // Share of what is written into all of them that goes to those behind, 0..1; absent if nothing is
  // written or it is not known.
  std::optional<double> inflow_share_of_behind;
  std::optional<double> consumption_of_behind;  // records per second, of those alone
  std::optional<std::uint32_t> members;
  // Records per second over the window, and in normal times: median over the last windows in which
  // the group was ok. Absent if not known.
  std::optional<double> inflow;
  std::optional<double> inflow_baseline;
  std::optional<double> consumption;
  std::optional<double> consumption_baseline;
};

// Each cause by itself; what is not known speaks for none.
//
// A partition has no leader. Or somebody reads, and: requests are throttled; or they are slow, or
// replicas are lost, and less is read than in normal times (or those are not known).
bool IsBroker(const GroupEvidence& evidence);
// Some partition is stalled or stopped.
bool IsConsumerStopped(const GroupEvidence& evidence);
// At most half of the partitions are behind, and they get twice their share, or half-way to all.
bool IsSkew(const GroupEvidence& evidence);
// Half as much again is written as in normal times. If less is read, too, that is less of a change.
bool IsProducerSurge(const GroupEvidence& evidence);
// At most three quarters of normal are read, and not more than is written; of all partitions, or of
// those behind while at least as many others are not (one member of several is slow). No surge is
// larger.
bool IsConsumerSlowdown(const GroupEvidence& evidence);
// Something is read, not more than is written, by as many members as there are partitions.
bool IsTooFewPartitions(const GroupEvidence& evidence);
// The same by fewer members.
bool IsUnderprovisioned(const GroupEvidence& evidence);

// The first of them that holds, in the order of the enumerators. Absent unless the status is one of
// a backlog that grows or stays: falling_behind, stalled, stopped, losing_data.
std::optional<Cause> EvaluateCause(const GroupEvidence& evidence);

}  // namespace backlogd::analysis
