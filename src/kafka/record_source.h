#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "kafka/broker_errors.h"
#include "kafka/client_configuration.h"
#include "kafka/rdkafka_handles.h"
#include "kafka/record.h"

// What a RecordReader is made of. Private to this room.
namespace backlogd::kafka {

// What librdkafka may fetch ahead of the application.
struct Prefetch {
  std::size_t kilobytes = 0;    // inflated: when so much waits, nothing more is asked for
  std::size_t records = 0;      // likewise
  std::size_t fetch_bytes = 0;  // as it is on disk: what one answer holds, or else a single batch;
                                // all of it is inflated before its first record comes
  friend bool operator==(const Prefetch&, const Prefetch&) = default;
};
Prefetch PrefetchFor(const ReadLimits& limits);

// How large fetches are to be, by what earlier readings have shown: of one that holds too much to
// be inflated in time nothing would come in any reading.
class FetchSize {
 public:
  // Never less than 16 KiB, if less than `wanted`.
  std::size_t Of(std::size_t wanted) const;

  // After a reading. `all_read`: all that was asked for. `timed_out`: nothing came of some range,
  // and no broker was found to be unreachable. Half as much is fetched then, until all is read.
  void Learn(bool all_read, bool timed_out);

 private:
  int halvings_ = 0;
};

// How the handle of a reader is set up.
HandleUse ReaderUse(const Prefetch& prefetch);

// A handle, what it is told to fetch, and what it says. Not thread-safe.
class RecordSource {
 public:
  // `library_log` must outlive it.
  RecordSource(HandlePtr handle, const LibraryLog& library_log);

  BrokerErrors& errors() { return errors_; }

  // The offsets are where to begin.
  rd_kafka_resp_err_t Assign(const rd_kafka_topic_partition_list_t& partitions);
  // Takes partitions back that were unassigned, likewise.
  rd_kafka_resp_err_t AssignAgain(const rd_kafka_topic_partition_list_t& partitions);
  void Unassign(const std::string& topic, PartitionId partition);
  // Nothing is fetched any more; what was fetched ahead is freed.
  void UnassignAll();

  // A record, an error or the end of a partition that is assigned; or null.
  MessagePtr Poll(std::chrono::milliseconds wait);

  // Takes in what was said aside from the records.
  void NoteErrors();

  // The topics that are assigned. Null if nobody answers in time.
  MetadataPtr LookUpTopics(std::chrono::milliseconds patience);

  // Whether the log of a partition ends at or before `end`, where a reader of committed records
  // found nothing more, though it wanted those before `until`. If not, or if nobody answers in
  // time, open transactions or replicas that lag behind hide the rest.
  bool LogEnds(const std::string& topic, PartitionId partition, Offset end, Offset until,
               std::chrono::milliseconds patience);

 private:
  // Destroyed last to first: the queue refers to the handle.
  HandlePtr handle_;
  QueuePtr events_;
  const LibraryLog& library_log_;
  BrokerErrors errors_;
};

// librdkafka's message as a Record.
class RecordView {
 public:
  // Valid until the next call, as long as the message and the topic's text.
  const Record& Of(std::string_view topic, const rd_kafka_message_t& message);
  // Of the last record's key, value and headers.
  std::size_t bytes() const;

 private:
  void ReadHeaders(const rd_kafka_message_t& message);
  void ReadTimestamp(const rd_kafka_message_t& message);

  Record record_;
  std::vector<RecordHeader> headers_;
};

}  // namespace backlogd::kafka
