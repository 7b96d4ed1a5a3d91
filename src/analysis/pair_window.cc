#include "analysis/pair_window.h"

#include <algorithm>
#include <span>

#include "analysis/capacity.h"

namespace backlogd::analysis {
namespace {

constexpr std::size_t kStretches = 3;  // fewer say more of when commits come than of the speed

}  // namespace

LagSamples SamplesOf(const PairHistory& pair, const PartitionHistory& partition,
                     bool reads_committed, const SampleClock& clock) {
  const OffsetSamples& ends = reads_committed ? partition.last_stables : partition.ends;
  LagSamples samples;
  for (std::size_t i = 0; i < kSamples; ++i) {
    const std::size_t slot = clock.Oldest(i);
    const bool is_now = clock.taken() && slot == clock.newest();
    if (is_now || !clock.IsRecent(slot)) continue;
    const LagSample sample = {clock.at(slot), partition.starts[slot], pair.commits[slot],
                              ends[slot]};
    const bool known =
        sample.start != kUnknown && sample.committed != kUnknown && sample.end != kUnknown;
    if (known) samples.Add(sample);
  }
  const kafka::Offset end = reads_committed ? partition.last_stable.offset : partition.end.offset;
  samples.Add(
      {clock.now(), std::max<kafka::Offset>(0, partition.start.offset), pair.committed, end});
  return samples;
}

bool CaughtUp(const PairHistory& pair, const SampleClock& clock) {
  for (std::size_t i = kSamples / 2; i < kSamples; ++i) {
    const std::size_t slot = clock.Oldest(i);
    if (clock.IsRecent(slot) && (pair.caught_up >> slot & 1U) != 0) return true;
  }
  return false;
}

kafka::Offset EndBy(WallTime at, const PartitionHistory& partition, bool reads_committed,
                    const SampleClock& clock) {
  if (!reads_committed) return partition.timeline.EndBy(at).value_or(kUnknown);
  // The timeline knows log ends alone.
  for (std::size_t i = 0; i < kSamples; ++i) {
    const std::size_t slot = clock.Oldest(i);
    const kafka::Offset end = partition.last_stables[slot];
    if (clock.IsRecent(slot) && end != kUnknown && clock.at(slot) >= at) return end;
  }
  return kUnknown;
}

std::optional<BusyStretch> FindBusyStretch(const LagSamples& samples, WallTime since) {
  const std::span<const LagSample> all = samples.all();
  std::size_t first = all.size() - 1;
  while (first > 0 && all[first - 1].at >= since && all[first].committed < all[first - 1].end) {
    --first;
  }
  if (all.size() - 1 - first < kStretches) return std::nullopt;
  const Seconds elapsed = all.back().at - all[first].at;
  const auto read = static_cast<double>(all.back().committed - all[first].committed);
  return BusyStretch{all[first].at, read / elapsed.count()};
}

}  // namespace backlogd::analysis
