#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/estimate.h"

namespace backlogd::sim {

// What was seen of brokers, and of the machine that measures, during a run. Absent: not known.
struct LoadSeen {
  std::optional<double> request_ms = {};   // mean round trip of a request
  std::optional<double> throttle_ms = {};  // the worst that a broker asked for
  std::optional<double> busy = {};         // share of this machine's processors, 0 .. 1
};

struct RateRun {
  double records_per_second = 0;
  std::uint64_t records = 0;
  double seconds = 0;
  std::optional<double> p50_ms = {};  // from sending to the acknowledgement
  std::optional<double> p99_ms = {};
  LoadSeen load{};
};

struct InflowRun {
  double inflow = 0;              // records a second, acknowledged
  std::vector<Sample> backlog{};  // records, after the warm-up
};

struct ConsumeOrder {
  int members = 1;
  double handling_ms = 0;
  std::optional<std::uint64_t> records = {};  // of the backlog; absent: as many as half a run makes
  std::chrono::milliseconds limit{0};         // then the run ends, drained or not
};

// Real runs on a cluster. Each call blocks for about the length of a run and its warm-up; absent:
// somebody asked the program to end. Throws Failure.
class Experiments {
 public:
  virtual ~Experiments() = default;

  // So many instances, as fast as they can.
  virtual std::optional<RateRun> Produce(int producers) = 0;
  // One instance, through POST /push.
  virtual std::optional<RateRun> Push() = 0;
  // Members handle a backlog; the clock runs from the first record to the last.
  virtual std::optional<RateRun> Consume(const ConsumeOrder& order) = 0;
  // Members follow the inflow at hand.
  virtual std::optional<InflowRun> Follow(int members) = 0;
};

}  // namespace backlogd::sim
