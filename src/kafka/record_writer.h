#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "config/config.h"
#include "kafka/record.h"

namespace backlogd::kafka {

struct OutgoingRecord {
  std::string_view topic;
  std::optional<PartitionId> partition;  // absent: by the key, as Kafka's Java clients choose
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  std::span<const RecordHeader> headers;
  std::optional<WallTime> timestamp;  // absent: now
  std::string_view name = {};         // for errors that are about it: "orders-dlt/0 offset 7"
};

struct TopicPartition {
  std::string_view topic;
  PartitionId partition = 0;
};

// A commit with the text that stands beside it in Kafka (at most 4096 bytes unless the broker's
// offset.metadata.max.bytes says otherwise).
struct GroupCommit {
  TopicPartition partition;
  Offset offset = 0;
  std::string_view metadata;
};
struct GroupPosition {
  std::optional<Offset> offset;  // absent: never committed
  std::string metadata;
};

// Writes records and commits the offsets of one group in the same transaction: either all of it is
// seen by readers of committed records, or nothing. Not thread-safe, but for EndBy() and
// Interrupt().
//
// Whoever opens a writer of the same transactional id last is the only one that can commit: the
// others' next call fails (kOther, "fenced by another ..."), so that two never handle the same
// records.
//
// After an error of Begin, Send or Commit: Abort, or let the writer go; the transaction ends
// without effect. A writer that could not write a record (too large, no such topic, ...) says so
// again at the next Begin: only a new one writes again. Every error names what could not be done
// and, where an ACL is missing, the ACL.
class RecordWriter {
 public:
  virtual ~RecordWriter() = default;

  // First of all, once: ends a transaction that an earlier process of the same transactional id
  // left open (its records and commits have no effect), and shuts that process out.
  virtual std::optional<Error> Open(Deadline deadline) = 0;

  // The group's commits, one a partition, in the order asked; waits for pending transactions.
  virtual Result<std::vector<GroupPosition>> FetchPositions(
      std::span<const TopicPartition> partitions, Deadline deadline) = 0;

  virtual std::optional<Error> Begin() = 0;
  // Blocks while the queue is full, at most until `deadline`. The record is copied. May report what
  // went wrong with a record sent before.
  virtual std::optional<Error> Send(const OutgoingRecord& record, Deadline deadline) = 0;
  // Waits until every record of the transaction is written.
  virtual std::optional<Error> Flush(Deadline deadline) = 0;
  // Whether a record could not be written since it is larger than its topic takes.
  virtual bool FoundTooLarge() const = 0;
  // Waits until every record of the transaction is written, then commits it, with `commits`. With
  // an error of kind kTimeout or kUnreachable nobody may know whether it was committed (the message
  // says so then): Open a new writer and ask FetchPositions.
  virtual std::optional<Error> Commit(std::span<const GroupCommit> commits, Deadline deadline) = 0;
  virtual std::optional<Error> Abort(Deadline deadline) = 0;

  // Deletes all records of each partition before the offset, which frees their space and cannot be
  // undone. No part of a transaction. One answer a partition: the error, if any.
  virtual std::vector<std::optional<Error>> DeleteRecordsBefore(
      std::span<const GroupCommit> partitions, Deadline deadline) = 0;

  // Thread-safe. No running or later call waits longer than until then, but for the 10 s below.
  virtual void EndBy(Deadline deadline) = 0;
  // Thread-safe. The running call and all later ones return with ErrorKind::kInterrupted: within
  // about a second, or up to 10 s while Kafka does not answer to the commits of a transaction.
  virtual void Interrupt() = 0;
};

struct WriterOptions {
  std::string transactional_id;
  std::string group;
  std::chrono::milliseconds transaction_timeout{60'000};
};

// A writer over librdkafka. Waits for no broker. `log` must outlive it.
// Throws config::ConfigError if librdkafka refuses a property (naming it; quotes no secret).
std::unique_ptr<RecordWriter> MakeRecordWriter(const config::Cluster& cluster,
                                               const WriterOptions& options, Log& log);

}  // namespace backlogd::kafka
