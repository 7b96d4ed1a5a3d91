#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/time.h"
#include "kafka/types.h"

namespace backlogd::analysis {

// When the records of one partition were written, as far as that is known: instants and the log
// end at each. Between two instants the end is taken to have moved evenly. The idea of such a table
// is that of kafka-lag-exporter's LookupTable.
//
// What was observed is certain. What was looked up says what producers wrote into their records
// (CreateTime) or the broker did (LogAppendTime): it is taken only where it contradicts nothing
// that is known already, so that timestamps that lie cannot spoil what was observed.
//
// At most kMaxPoints instants are kept: the newest 20 as they come, the older ones the farther
// apart the older they are, but denser where somebody looked. A log that did not move costs two,
// however long. An instant takes 16 bytes. REQUIRES of every member: offsets >= 0
class OffsetTimeline {
 public:
  static constexpr std::size_t kMaxPoints = 64;

  // The record at an offset was written not before `after` and not later than `until`.
  struct Written {
    WallTime after{};
    WallTime until{};
    WallTime estimate{};  // in [after, until]
  };

  // The log end was read. One that is lower than before (an unclean election cut the log) forgets
  // all: how much of what stands below it was written again since is not known. An instant before
  // the last one (the clock was set back) forgets all as well.
  void Observe(WallTime now, kafka::Offset end);

  // It was learned that at `at` the log end was `end`: all records below it were written before,
  // the others not before. False, and nothing changes, if that contradicts what is known: times and
  // ends must ascend together; nor is anything believed about a time after the last instant, or
  // before any log end was observed. `now` weighs what to keep when there is no room.
  bool Insert(WallTime at, kafka::Offset end, WallTime now);

  // Records below `start` were deleted: nobody asks about them any more.
  void DropBefore(kafka::Offset start);

  void Clear() { points_.clear(); }

  // When the record at `offset` was written. Absent if it was written before all that is known, or
  // is not written yet.
  std::optional<Written> WrittenAt(kafka::Offset offset) const;

  // The oldest instant known; absent if there is none.
  std::optional<WallTime> OldestInstant() const;

  // What the log end was at most at `at`: that of the first instant known that is not before it.
  // Absent after the last one.
  std::optional<kafka::Offset> EndBy(WallTime at) const;

  std::size_t size() const { return points_.size(); }

 private:
  enum class Origin : bool { kObserved, kLookedUp };

  // 16 bytes: an offset is never negative, so its sign is free to tell the origin.
  class Point {
   public:
    Point(WallTime when, kafka::Offset end, Origin origin)
        : at(when), coded_(origin == Origin::kLookedUp ? ~end : end) {}

    WallTime at;
    kafka::Offset end() const { return looked_up() ? ~coded_ : coded_; }
    bool looked_up() const { return coded_ < 0; }

   private:
    kafka::Offset coded_;
  };
  using Points = std::vector<Point>;

  Points::const_iterator FirstFrom(WallTime at) const;
  Points::const_iterator FirstAbove(kafka::Offset offset) const;
  void Thin(WallTime now, WallTime next_to);

  // Invariant: ascending in both, strictly in time; of a run with the same end only the first and
  // the last. The last one was observed.
  Points points_;
};

}  // namespace backlogd::analysis
