#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "config/config.h"
#include "kafka/record.h"

namespace backlogd::kafka {

// Called for each record on the calling thread, in order of offsets within a range; the ranges come
// in turns: none hands out more than its equal share of the limits before the others had theirs,
// ended, or kept silent for some 200 ms. `range` is the place in the question. The record and all
// that it views are valid during the call only. False ends the reading after this record.
using RecordSink = std::function<bool(std::size_t range, const Record& record)>;

// Reads records by assignment: joins no group and commits nothing. Connects, and asks brokers, only
// while it reads. It holds what one fetch of each broker inflates to, a batch at least, and about
// an eighth of the limit of bytes. Not thread-safe, but for Interrupt(). A call costs some 20 ms,
// and drops what was fetched beyond its limits: few large calls are better than many small ones;
// the sink may take its time.
class RecordReader {
 public:
  virtual ~RecordReader() = default;

  // Blocks until all ranges are read, a limit is reached, the sink had enough, the reader is
  // interrupted, or `deadline` has passed. Never throws, unless the sink does. One outcome a range,
  // in the order asked. A log that begins after `from` (retention) is read from its start; one that
  // ends before `until` now (an unclean election, a new topic of that name) is read to its end, and
  // its `next` is `until`. Where a transaction that is still open hides what follows, the reading
  // of that range ends before it, without an error. A range of which nothing came by the deadline
  // is an error (kTimeout, or kUnreachable if that is known), unless the reader was busy with
  // others or others had not had their shares. An error of one range does not end the others.
  // REQUIRES: no partition stands twice
  virtual std::vector<ReadOutcome> Read(std::span<const ReadRange> ranges, const ReadLimits& limits,
                                        Deadline deadline, const RecordSink& sink) = 0;

  // Thread-safe. The running call and all later ones return soon (within about 100 ms).
  virtual void Interrupt() = 0;
};

// A reader over librdkafka. Waits for no broker. `log` must outlive it.
// Throws config::ConfigError if librdkafka refuses a property (naming it; quotes no secret).
std::unique_ptr<RecordReader> MakeRecordReader(const config::Cluster& cluster, Log& log);

}  // namespace backlogd::kafka
