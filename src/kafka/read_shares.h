#pragma once

#include <cstddef>
#include <vector>

#include "kafka/record.h"

// How the limits of a reading are shared out, so that a flooded range leaves something to the
// others. Pure. Private to this room.
namespace backlogd::kafka {

// Goes in rounds: in each, a range may hand out an equal share of what the limits leave.
class ReadShares {
 public:
  ReadShares(const ReadLimits& limits, std::size_t ranges) : left_(limits), used_(ranges) {}

  // `open`: among how many ranges the rest is shared out; at least 1.
  void BeginRound(std::size_t open);

  // A record of `range` was handed out.
  void Spend(std::size_t range, std::size_t bytes);

  // Whether the range had its share of this round: a record, if not more.
  bool HadShare(std::size_t range) const;

  // Whether a limit is reached.
  bool AllSpent() const { return left_.records == 0 || left_.bytes == 0; }

 private:
  ReadLimits left_;
  ReadLimits share_;
  std::vector<ReadLimits> used_;  // in this round
};

}  // namespace backlogd::kafka
