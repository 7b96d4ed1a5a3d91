#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kafka/admin_session.h"
#include "kafka/record_writer.h"
#include "kafka/writer_errors.h"

namespace backlogd::kafka {

// "record to orders (orders-dlt/0 offset 7)"
std::string NameOfRecord(std::string_view topic, std::string_view name);

// How the handle of a writer is set up.
HandleUse WriterUse(const WriterOptions& options);

// A transactional producer's handle, and what became of the records given to it. Not thread-safe.
// Private to this room.
class ProducerSession {
 public:
  // What is referred to must outlive the session.
  ProducerSession(HandlePtr handle, const LibraryLog& library_log, const WriterNames& names,
                  const std::atomic<bool>& interrupted, const std::atomic<Deadline>& end);

  rd_kafka_t* handle() const { return handle_.get(); }

  // Until `deadline`, or until the writer is to end if that is earlier; not negative.
  std::chrono::milliseconds TimeUntil(Deadline deadline) const;

  // Forgets the records before: a transaction begins.
  void Clear();

  // The record is copied.
  rd_kafka_resp_err_t Produce(const OutgoingRecord& record);

  // Takes in delivery reports and errors, waiting at most so long for the first.
  void Poll(std::chrono::milliseconds wait);

  // Waits until nothing is on its way, as long as that goes well.
  std::optional<Error> Flush(Deadline deadline);

  // Calls `step(milliseconds)` until it succeeds, again and again while its error is one that may
  // pass. `right`: which the topics of the transaction need if they refuse it.
  using Step = std::function<rd_kafka_error_t*(int)>;
  std::optional<Error> Complete(const std::string& subject, std::chrono::milliseconds slice,
                                Deadline deadline, const Step& step);

  // The first record that could not be written. librdkafka loses count of the records then, so that
  // no later transaction succeeds.
  const std::optional<Error>& failure() const { return failure_; }

  // Whether a record was larger than its topic takes.
  bool found_too_large() const { return too_large_; }
  void NoteTooLarge() { too_large_ = true; }

  // What a code means that librdkafka gave for a call. The true cause may lie further back.
  Error Explain(const std::string& subject, rd_kafka_resp_err_t code, const char* detail);

  // Topics that commits are about: a refusal while they are sent is about these.
  void set_committing(std::set<std::string, std::less<>> topics) {
    committing_ = std::move(topics);
  }

 private:
  rd_kafka_topic_t* TopicOf(std::string_view name);
  void NoteDeliveries(rd_kafka_event_t* event);
  void NoteDelivery(const rd_kafka_message_t& message);
  Error TimedOut(const std::string& subject);

  // Destroyed last to first: queue and topics refer to the handle.
  HandlePtr handle_;
  QueuePtr queue_;
  std::map<std::string, TopicPtr, std::less<>> topics_;
  const LibraryLog& library_log_;
  const WriterNames& names_;
  const std::atomic<bool>& interrupted_;
  const std::atomic<Deadline>& end_;
  BrokerErrors errors_;
  std::optional<Error> failure_;
  bool too_large_ = false;
  std::vector<std::string> names_of_records_;  // since Clear()
  bool purged_ = false;  // librdkafka dropped records, since the transaction cannot be committed
  std::set<std::string, std::less<>> written_;     // topics, since Clear()
  std::set<std::string, std::less<>> committing_;  // topics
};

}  // namespace backlogd::kafka
