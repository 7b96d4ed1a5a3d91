#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "kafka/types.h"

namespace backlogd::analysis {

// The records of one partition, by offset and CreateTime: a few numbers for each stretch in which
// they were written evenly.
class SimulatedLog {
 public:
  // `count` records, spread evenly over [from, until); each claims to be later by `lie`.
  // REQUIRES: nothing was written after `from` yet
  void Append(WallTime from, WallTime until, std::int64_t count,
              std::chrono::milliseconds lie = std::chrono::milliseconds(0));
  // What retention does, and DeleteRecords.
  void DeleteBefore(kafka::Offset start);
  void DeleteOlderThan(WallTime time);
  // What an unclean election does.
  void Truncate(kafka::Offset end);

  kafka::Offset start() const { return start_; }
  kafka::Offset end() const { return end_; }
  // REQUIRES: start() <= offset < end()
  WallTime CreateTimeOf(kafka::Offset offset) const;
  // What ListOffsets by timestamp answers: the first record whose CreateTime is not before `time`.
  std::optional<kafka::Offset> FirstFrom(WallTime time) const;

 private:
  struct Stretch {
    kafka::Offset first = 0;
    std::int64_t count = 0;  // > 0
    WallTime from{};         // CreateTime of the first
    std::int64_t lasts_ms = 0;

    kafka::Offset end() const { return first + count; }
    WallTime TimeOf(kafka::Offset offset) const {
      return from + std::chrono::milliseconds((offset - first) * lasts_ms / count);
    }
  };
  std::vector<Stretch>::const_iterator StretchOf(kafka::Offset offset) const;

  std::vector<Stretch> stretches_;  // ascending by offset
  kafka::Offset start_ = 0;
  kafka::Offset end_ = 0;
  bool lies_ = false;  // CreateTimes need not ascend
};

}  // namespace backlogd::analysis
