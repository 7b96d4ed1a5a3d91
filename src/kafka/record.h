#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "base/time.h"
#include "kafka/types.h"

// Records as they are read and written. Views into whoever hands them out. Plain data.
namespace backlogd::kafka {

struct RecordHeader {
  std::string_view name;
  std::optional<std::string_view> value;  // absent: null
};

struct Record {
  std::string_view topic;
  PartitionId partition = 0;
  Offset offset = 0;
  std::optional<std::string_view> key;      // absent: null
  std::optional<std::string_view> value;    // absent: null
  std::span<const RecordHeader> headers;    // in the record's own order; names may repeat
  std::optional<WallTime> timestamp;        // absent if the record has none
  bool timestamp_is_of_the_append = false;  // message.timestamp.type=LogAppendTime
};

// Records to read: from <= offset < until, of those that are committed (read_committed).
struct ReadRange {
  std::string_view topic;  // must outlive the call
  PartitionId partition = 0;
  Offset from = 0;
  Offset until = 0;
};

// How many records, and bytes of keys, values and headers, one call hands out at most; the record
// that crosses the limit is the last. At least one record is handed out, however large it is.
struct ReadLimits {
  std::size_t records = 0;
  std::size_t bytes = 0;
  // Among so many topics those of the calls change: that others were read before is no reason to
  // drop what is kept of them, and the connections with it.
  std::size_t topics = 0;
};

// How far a range was read. All records before `next` have been handed out: what lies between them
// (transaction markers, aborted or compacted records) counts as read. next == until: all of it.
struct ReadOutcome {
  Offset next = 0;
  std::optional<Error> error = {};  // why it ended before `until`; absent if a limit, the deadline
                                    // or the sink ended it
};

}  // namespace backlogd::kafka
