#include "sim/failure_plan.h"

#include <cstddef>

namespace backlogd::sim {
namespace {

using deadletters::Reason;

// SplitMix64: neighbours look as if they had nothing to do with each other.
std::uint64_t Mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

bool IsTriedAgain(Reason reason) {
  return reason != Reason::kFormat && reason != Reason::kPermission;
}

}  // namespace

FailurePlan::FailurePlan(const config::SimFailures& settings, std::uint64_t seed)
    : rate_(settings.rate), retries_(settings.retries), seed_(seed) {
  for (const auto& kind : settings.kinds) {
    if (const auto reason = deadletters::ParseReason(kind)) reasons_.push_back(*reason);
  }
  if (reasons_.empty()) {
    reasons_ = {Reason::kRetriesExhausted, Reason::kFormat, Reason::kBusiness, Reason::kTimeout,
                Reason::kPermission};
  }
}

std::optional<PlannedFailure> FailurePlan::Of(kafka::PartitionId partition,
                                              kafka::Offset offset) const {
  const auto place = static_cast<std::uint64_t>(offset);
  const auto in_partition = static_cast<std::uint64_t>(partition);
  const std::uint64_t random = Mix(Mix(seed_ ^ Mix(in_partition)) ^ place);
  const double uniform = static_cast<double>(random >> 11) * 0x1p-53;  // [0, 1)
  if (uniform >= rate_) return std::nullopt;
  const Reason reason =
      reasons_[static_cast<std::size_t>((place + in_partition) % reasons_.size())];
  return PlannedFailure{reason, IsTriedAgain(reason) ? retries_ + 1 : 1};
}

}  // namespace backlogd::sim
