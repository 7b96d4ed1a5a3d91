#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "config/sim.h"
#include "deadletters/reason.h"
#include "kafka/types.h"

namespace backlogd::sim {

// Why a record fails, and how often it is tried before it is a dead letter: 1 = no retry.
struct PlannedFailure {
  deadletters::Reason reason = deadletters::Reason::kUnknown;
  std::int64_t attempts = 1;
  friend bool operator==(const PlannedFailure&, const PlannedFailure&) = default;
};

// Which records fail. It depends on the seed and on where the record stands, and on nothing else: a
// record that is delivered again fails again, in the same way.
class FailurePlan {
 public:
  // REQUIRES: settings.kinds are words of deadletters::Reason
  FailurePlan(const config::SimFailures& settings, std::uint64_t seed);

  // Absent: the record is handled without trouble.
  std::optional<PlannedFailure> Of(kafka::PartitionId partition, kafka::Offset offset) const;

 private:
  double rate_;
  std::int64_t retries_;
  std::uint64_t seed_;
  std::vector<deadletters::Reason> reasons_;  // that records die of in turn; never empty
};

}  // namespace backlogd::sim
