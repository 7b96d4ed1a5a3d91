#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "dlq/letter.h"

namespace backlogd::dlq {

// Which records of a queue are meant: those that all of it fits. What is empty is not asked.
struct Filters {
  std::vector<kafka::PartitionId> partitions;
  std::optional<kafka::Offset> from_offset;
  std::optional<kafka::Offset> to_offset;  // inclusive

  std::vector<deadletters::Reason> reasons;  // any of these
  std::string source_topic;
  std::optional<WallTime> since;  // by the record's timestamp; one that has none does not fit
  std::optional<WallTime> until;
  std::string text;       // in the key, the value, or a header's value
  std::string exception;  // in the class of an exception
};

bool HasPartition(const Filters& filters, kafka::PartitionId partition);

// Whether the letter fits, partition and offset included.
bool Fits(const Filters& filters, const Letter& letter);

// True if a record may be left behind while a later one of its partition is handled.
bool LeavesGaps(const Filters& filters);

}  // namespace backlogd::dlq
