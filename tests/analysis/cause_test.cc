// What each cause, and the first of them, say of the evidence.

#include "analysis/cause.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace backlogd::analysis {
namespace {

using enum Status;

std::string CausesThatHold(const GroupEvidence& evidence) {
  std::string names;
  const auto add = [&](bool holds, Cause cause) {
    if (holds) names += (names.empty() ? "" : " ") + std::string(ToText(cause));
  };
  add(IsBroker(evidence), Cause::kBroker);
  add(IsConsumerStopped(evidence), Cause::kConsumerStopped);
  add(IsSkew(evidence), Cause::kSkew);
  add(IsProducerSurge(evidence), Cause::kProducerSurge);
  add(IsConsumerSlowdown(evidence), Cause::kConsumerSlowdown);
  add(IsTooFewPartitions(evidence), Cause::kTooFewPartitions);
  add(IsUnderprovisioned(evidence), Cause::kUnderprovisioned);
  return names;
}

// Four members read 12 partitions, which all fall behind slowly: 1000 records come in a second, and
// 900 are read, as always.
GroupEvidence Evidence() {
  return {.status = kFallingBehind,
          .broker = {},
          .partitions = 12,
          .idle = 0,
          .behind = 12,
          .inflow_share_of_behind = 1.0,
          .consumption_of_behind = 900,
          .members = 4,
          .inflow = 1'000,
          .inflow_baseline = 900,
          .consumption = 900,
          .consumption_baseline = 900};
}

struct Rates {
  std::optional<double> inflow;
  std::optional<double> inflow_baseline;
  std::optional<double> consumption;
  std::optional<double> consumption_baseline;
};

GroupEvidence With(const Rates& rates, GroupEvidence evidence = Evidence()) {
  evidence.inflow = rates.inflow;
  evidence.inflow_baseline = rates.inflow_baseline;
  evidence.consumption = rates.consumption;
  evidence.consumption_baseline = rates.consumption_baseline;
  return evidence;
}

GroupEvidence Beside(const BrokerEvidence& broker, GroupEvidence evidence = Evidence()) {
  evidence.broker = broker;
  return evidence;
}

// `idle` partitions of the 12 do not get on, nor does anything else.
GroupEvidence Idle(Status status, std::uint32_t members, std::uint32_t idle = 12) {
  GroupEvidence evidence = With({1'000, 1'000, 1'000.0 * (12 - idle) / 12, 1'000});
  evidence.status = status;
  evidence.idle = idle;
  evidence.behind = 0;
  evidence.inflow_share_of_behind.reset();
  evidence.members = members;
  return evidence;
}

GroupEvidence Behind(std::uint32_t behind, std::uint32_t partitions, std::optional<double> share) {
  GroupEvidence evidence = Evidence();
  evidence.behind = behind;
  evidence.partitions = partitions;
  evidence.inflow_share_of_behind = share;
  evidence.members = 1;
  return evidence;
}

GroupEvidence Members(std::optional<std::uint32_t> members) {
  GroupEvidence evidence = Evidence();
  evidence.members = members;
  return evidence;
}

GroupEvidence Nothing() {
  GroupEvidence evidence;
  evidence.status = kFallingBehind;
  return evidence;
}

GroupEvidence In(Status status) {
  GroupEvidence evidence = Evidence();
  evidence.status = status;
  return evidence;
}

struct CauseCase {
  std::string what;
  GroupEvidence evidence;
  std::string causes;    // the names of all that hold
  std::string expected;  // "": none is asked for
};

void Check(const std::vector<CauseCase>& cases) {
  for (const CauseCase& c : cases) {
    SCOPED_TRACE(c.what);
    EXPECT_EQ(CausesThatHold(c.evidence), c.causes);
    const std::optional<Cause> cause = EvaluateCause(c.evidence);
    EXPECT_EQ(cause ? ToText(*cause) : "", c.expected);
  }
}

TEST(EvaluateCause, AsksOnlyForABacklogThatGrowsOrStays) {
  Check({
      {"ok", In(kOk), "underprovisioned", ""},
      {"catching up", In(kCatchingUp), "underprovisioned", ""},
      {"rewound", In(kRewound), "underprovisioned", ""},
      {"not committing", In(kNotCommitting), "underprovisioned", ""},
      {"falling behind", In(kFallingBehind), "underprovisioned", "underprovisioned"},
      {"losing data", In(kLosingData), "underprovisioned", "underprovisioned"},
      {"nothing is known", Nothing(), "", "unknown"},
  });
}

TEST(EvaluateCause, BlamesABrokerForWhatItHoldsBack) {
  const Rates half = {1'000, 1'000, 500, 1'000};
  Check({
      {"no leader", Beside({.partitions_without_leader = 1}), "broker underprovisioned", "broker"},
      {"no leader, and nobody reads", Beside({.partitions_without_leader = 1}, Idle(kStopped, 0)),
       "broker consumer_stopped consumer_slowdown", "broker"},
      {"slow, and a job that is no member reads less",
       Beside({.slow = true},
              [&] {
                GroupEvidence evidence = With(half);
                evidence.members = 0;
                return evidence;
              }()),
       "broker consumer_slowdown", "broker"},
      {"throttled, and less is read", Beside({.throttled = true}, With(half)),
       "broker consumer_slowdown underprovisioned", "broker"},
      {"throttled, but as much is read as ever", Beside({.throttled = true}), "underprovisioned",
       "underprovisioned"},
      {"throttled, and commits do not get on", Beside({.throttled = true}, Idle(kStalled, 4)),
       "consumer_stopped consumer_slowdown", "consumer_stopped"},
      {"slow, and less is read", Beside({.slow = true}, With(half)),
       "broker consumer_slowdown underprovisioned", "broker"},
      {"slow, but as much is read as ever", Beside({.slow = true}), "underprovisioned",
       "underprovisioned"},
      {"slow, and who knows what is normal", Beside({.slow = true}, With({1'000, {}, 900, {}})),
       "broker underprovisioned", "broker"},
      {"replicas lost, and less is read", Beside({.under_replicated = 3}, With(half)),
       "broker consumer_slowdown underprovisioned", "broker"},
      {"replicas lost during a surge",
       Beside({.under_replicated = 3}, With({3'000, 1'000, 1'000, 1'000})),
       "producer_surge underprovisioned", "producer_surge"},
      {"replicas lost, and commits do not get on",
       Beside({.under_replicated = 12}, Idle(kStalled, 4)),
       "broker consumer_stopped consumer_slowdown", "broker"},
      {"replicas lost, and nobody reads", Beside({.under_replicated = 12}, Idle(kStopped, 0)),
       "consumer_stopped consumer_slowdown", "consumer_stopped"},
      {"replicas lost, nobody reads, and records are deleted",
       Beside({.under_replicated = 12}, Idle(kLosingData, 0)), "consumer_stopped consumer_slowdown",
       "consumer_stopped"},
      {"throttled, but nobody reads one partition",
       Beside({.throttled = true}, Idle(kStopped, 4, 1)), "consumer_stopped underprovisioned",
       "consumer_stopped"},
  });
}

TEST(EvaluateCause, BlamesAConsumerThatDoesNotGetOn) {
  Check({
      {"all members left", Idle(kStopped, 0), "consumer_stopped consumer_slowdown",
       "consumer_stopped"},
      {"all members are stuck", Idle(kStalled, 4), "consumer_stopped consumer_slowdown",
       "consumer_stopped"},
      {"one partition is stuck", Idle(kStalled, 4, 1), "consumer_stopped underprovisioned",
       "consumer_stopped"},
      {"stopped until records were deleted", Idle(kLosingData, 0),
       "consumer_stopped consumer_slowdown", "consumer_stopped"},
  });
}

// Members of 12 partitions read as ever, but for `behind` partitions: these get their share of 1000
// records a second, of which so many are read.
GroupEvidence SomeSlow(std::uint32_t behind, double consumption) {
  const double share = behind / 12.0;
  GroupEvidence evidence = With({1'000, 1'000, 1'000 * (1 - share) + consumption, 1'000});
  evidence.behind = behind;
  evidence.inflow_share_of_behind = share;
  evidence.consumption_of_behind = consumption;
  return evidence;
}

TEST(EvaluateCause, BlamesOneMemberOfSeveralThatSlowsDown) {
  GroupEvidence unknown = SomeSlow(3, 80);
  unknown.consumption_of_behind.reset();
  GroupEvidence never_ok = SomeSlow(3, 80);
  never_ok.consumption_baseline.reset();
  GroupEvidence alone = SomeSlow(3, 83);
  alone.members = 1;
  const std::string slow = "consumer_slowdown underprovisioned";
  Check({
      {"the only member reads them less than others", alone, "underprovisioned",
       "underprovisioned"},
      {"reads a third", SomeSlow(3, 83), slow, "consumer_slowdown"},
      {"reads three quarters", SomeSlow(3, 187), slow, "consumer_slowdown"},
      {"reads a little less than ever", SomeSlow(3, 200), "underprovisioned", "underprovisioned"},
      {"so does half of the group", SomeSlow(6, 370), slow, "consumer_slowdown"},
      {"more than half is the group's own rate", SomeSlow(7, 500), "underprovisioned",
       "underprovisioned"},
      {"nobody knows how much they read", unknown, "underprovisioned", "underprovisioned"},
      {"nobody knows what is normal", never_ok, "underprovisioned", "underprovisioned"},
  });
}

TEST(EvaluateCause, BlamesSkewWhereFewGetMost) {
  Check({
      {"one of 12 gets half", Behind(1, 12, 0.5), "skew underprovisioned", "skew"},
      {"one of 12 gets twice its share", Behind(1, 12, 0.17), "skew underprovisioned", "skew"},
      {"one of 12 gets less than twice", Behind(1, 12, 0.16), "underprovisioned",
       "underprovisioned"},
      {"half of 12 get three quarters", Behind(6, 12, 0.75), "skew underprovisioned", "skew"},
      {"half of 12 get less", Behind(6, 12, 0.74), "underprovisioned", "underprovisioned"},
      {"more than half of 12", Behind(7, 12, 1.0), "underprovisioned", "underprovisioned"},
      {"one of two gets three quarters", Behind(1, 2, 0.75), "skew underprovisioned", "skew"},
      {"one of two gets two thirds", Behind(1, 2, 0.66), "underprovisioned", "underprovisioned"},
      {"the only one", Behind(1, 1, 1.0), "too_few_partitions", "too_few_partitions"},
      {"shares are not known", Behind(1, 12, {}), "underprovisioned", "underprovisioned"},
      {"none is behind", Behind(0, 12, 0.0), "underprovisioned", "underprovisioned"},
      {"no partitions at all", Behind(0, 0, 0.0), "", "unknown"},
  });
}

TEST(EvaluateCause, TellsASurgeFromASlowdown) {
  const std::string surge = "producer_surge underprovisioned";
  const std::string slow = "consumer_slowdown underprovisioned";
  Check({
      {"thrice as much is written", With({3'000, 1'000, 1'000, 1'000}), surge, "producer_surge"},
      {"half as much again", With({1'500, 1'000, 1'000, 1'000}), surge, "producer_surge"},
      {"a little less", With({1'490, 1'000, 1'000, 1'000}), "underprovisioned", "underprovisioned"},
      {"after a quiet night", With({1'000, 0, 900, 0}), surge, "producer_surge"},
      {"what was read in normal times is not known", With({3'000, 1'000, 1'000, {}}), surge,
       "producer_surge"},
      {"a surge that is read with all might", With({3'000, 1'000, 2'900, 1'000}), surge,
       "producer_surge"},
      {"a third is read", With({1'000, 1'000, 333, 1'000}), slow, "consumer_slowdown"},
      {"three quarters are read", With({1'000, 1'000, 750, 1'000}), slow, "consumer_slowdown"},
      {"a little more", With({1'000, 1'000, 760, 1'000}), "underprovisioned", "underprovisioned"},
      {"less is read, for less is written", With({300, 1'000, 330, 1'000}), "", "unknown"},
      {"both, the surge is larger", With({3'000, 1'000, 500, 1'000}), surge, "producer_surge"},
      {"both, the slowdown is larger", With({1'600, 1'000, 333, 1'000}), slow, "consumer_slowdown"},
      {"nothing is read, and much more is written", With({3'000, 1'000, 0, 1'000}),
       "consumer_slowdown", "consumer_slowdown"},
      {"normal times are not known", With({3'000, {}, 300, {}}), "underprovisioned",
       "underprovisioned"},
      {"what was written in normal times is not known", With({1'000, {}, 300, 1'000}),
       "underprovisioned", "underprovisioned"},
      {"nothing happens, as ever", With({0, 0, 0, 0}), "", "unknown"},
  });
}

TEST(EvaluateCause, CountsMembersAgainstPartitions) {
  const Rates stands = {1'000, 1'000, 1'040, 1'000};
  const Rates drains = {1'000, 1'000, 1'060, 1'000};
  Check({
      {"fewer members", Members(11), "underprovisioned", "underprovisioned"},
      {"as many members", Members(12), "too_few_partitions", "too_few_partitions"},
      {"more members", Members(13), "too_few_partitions", "too_few_partitions"},
      {"no member that is known", Members(0), "", "unknown"},
      {"members are not known", Members({}), "", "unknown"},
      {"as much is read as written, more or less", With(stands), "underprovisioned",
       "underprovisioned"},
      {"as much is read, each has its own", With(stands, Members(12)), "too_few_partitions",
       "too_few_partitions"},
      {"more is read", With(drains), "", "unknown"},
      {"more is read, each has its own", With(drains, Members(12)), "", "unknown"},
      {"what is written is not known", With({{}, 900, 900, 900}), "", "unknown"},
      {"what is read is not known", With({1'000, 900, {}, 900}), "", "unknown"},
  });
}

TEST(Cause, TextsAreThoseOfTheLabel) {
  std::vector<std::string_view> texts;
  for (int i = 0; i < kCauseCount; ++i) texts.push_back(ToText(static_cast<Cause>(i)));
  EXPECT_EQ(texts, (std::vector<std::string_view>{
                       "broker", "consumer_stopped", "skew", "producer_surge", "consumer_slowdown",
                       "too_few_partitions", "underprovisioned", "unknown"}));
}

}  // namespace
}  // namespace backlogd::analysis
