#pragma once

#include <optional>

#include "base/time.h"
#include "kafka/types.h"

namespace backlogd::analysis {

// Finds the timestamp that a record bears, by lookups of timestamps alone: each answer tells the
// first record at or after an instant. The first lookup asks for the oldest record of all, which is
// the one wanted as long as nobody has handled any; the others halve the time in which it must lie.
// What is found stays, until another record is wanted.
class OldestSearch {
 public:
  // The record at `offset`, or the first one left after it; whether that is the log start, for
  // which one lookup does. Else a record that is further on than the last is taken for younger.
  void Want(kafka::Offset offset, bool is_log_start);

  // The instant to look up; absent if the search has ended. `now`: no record is taken to be
  // younger.
  std::optional<WallTime> Next(WallTime now) const;
  // The answer to a lookup of `asked`, without an error.
  void Take(WallTime asked, const kafka::PartitionOffset& answer);

  // Exact, or to a second where nothing tells better. Absent while not known, and if there is no
  // such record or it has no timestamp.
  std::optional<WallTime> found() const { return found_; }

 private:
  static constexpr int kRounds = 48;  // enough to halve the age of the epoch down to a second

  std::optional<kafka::Offset> offset_;
  std::optional<WallTime> before_;  // a record before the wanted one was written then
  std::optional<WallTime> until_;   // the first record from here on is the wanted one or later
  std::optional<WallTime> found_;
  bool ended_ = true;
  int rounds_ = 0;
};

}  // namespace backlogd::analysis
