#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/sim.h"
#include "deadletters/reason.h"
#include "sim/latencies.h"

namespace backlogd::sim {

// What a member did. Records that were delivered twice were handled twice.
struct MemberTally {
  std::uint64_t handled = 0;    // dead letters too
  std::uint64_t retried = 0;    // further attempts
  std::uint64_t committed = 0;  // of the handled ones
  std::uint64_t lost = 0;       // handled, but another member gets them too: no commit was possible
  std::uint64_t rebalances = 0;
  std::array<std::uint64_t, deadletters::kReasonCount> dead{};  // dead letters by reason
};

std::uint64_t DeadLetters(const MemberTally& tally);

struct ConsumeReport {
  std::string topic;
  std::string group;
  std::string dead_letter_topic;         // empty: no record was to fail
  std::chrono::duration<double> time{};  // from the first record to the end
  Latencies handling;                    // of a record, from its begin until it was done with
  std::vector<MemberTally> members;
};

// For people: a few lines.
std::string ToText(const ConsumeReport& report);
// One line of JSON.
std::string ToJson(const ConsumeReport& report);

}  // namespace backlogd::sim
