#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dlq/session.h"

namespace backlogd::dlq {

// A dead-letter queue in one line.
struct QueueSummary {
  deadletters::DeadLetterQueue known;
  // Offsets that nobody handled, and that the log holds: markers count too. Absent: not known.
  std::optional<std::int64_t> pending;
  std::optional<std::int64_t> retained;
  std::optional<WallTime> oldest_pending;  // absent: nothing pends, or it is not known
  // Of the first pending records of each partition; absent if they were not read.
  std::optional<std::map<std::string, std::uint64_t>> reasons;
  std::uint64_t sampled = 0;
  std::string problem;  // what could not be found out, and why; "" if nothing
};

// Whoever handles the queue counts, in each partition who got furthest. `sample`: so many records
// are read at most, in equal shares of the partitions.
QueueSummary Summarize(Session& session, const deadletters::DeadLetterQueue& known,
                       std::uint64_t sample);

// For people: aligned columns with a head.
std::string ToTable(const std::vector<QueueSummary>& queues, WallTime now);
// One object, without a line end.
std::string ToJson(const QueueSummary& queue);

}  // namespace backlogd::dlq
