#pragma once

#include <cstdint>
#include <optional>

#include "analysis/lag_history.h"
#include "analysis/samples.h"
#include "analysis/status.h"

// A pair's window of samples, out of the rings that partition and pair keep.
namespace backlogd::analysis {

// Oldest to newest; what was not read then is left out, and so is what lies before a new beginning.
// The newest is this poll's. REQUIRES: the pair's lag was measured in this poll
LagSamples SamplesOf(const PairHistory& pair, const PartitionHistory& partition,
                     bool reads_committed, const SampleClock& clock);

// Whether nothing was waiting in some poll since the middle of the window.
bool CaughtUp(const PairHistory& pair, const SampleClock& clock);

// What the log end, or the last stable offset, was at most at `at`; kUnknown if that is too long
// ago.
kafka::Offset EndBy(WallTime at, const PartitionHistory& partition, bool reads_committed,
                    const SampleClock& clock);

// A stretch up to now, not begun before `since` and of at least three samples' time, in which the
// group never ran out of records to read in the partition: at each sample it had not yet read what
// stood there at the sample before.
struct BusyStretch {
  WallTime begin{};
  double records_per_second = 0;
};
std::optional<BusyStretch> FindBusyStretch(const LagSamples& samples, WallTime since);

}  // namespace backlogd::analysis
