#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "kafka/broker_errors.h"
#include "kafka/client_configuration.h"
#include "kafka/rdkafka_handles.h"
#include "kafka/statistics.h"
#include "kafka/types.h"

namespace backlogd::kafka {

// Many admin requests of one sort, numbered 0 .. count - 1.
struct AdminQuestions {
  rd_kafka_admin_op_t operation = RD_KAFKA_ADMIN_OP_ANY;
  std::size_t count = 0;
  std::size_t window_per_broker = 64;  // in flight; a dead broker's requests hold up no other's
  bool read_committed = false;
  bool with_rights = false;  // of DescribeCluster: what we may do
  // Sent to `broker` itself, not to whom librdkafka thinks right: its coordinator lookup aborts the
  // process when a lookup times out (librdkafka#4605). Only ListOffsets finds leaders by itself.
  bool routed = true;

  std::function<BrokerId(std::size_t)> broker;
  std::function<std::string(std::size_t)> subject;  // begins an error message
  std::function<void(std::size_t, const rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)> send;
  // Exactly once for each number. An event is a result of `operation` without an error as a whole:
  // it may still say that the broker did not answer. If it did, Forget() its old errors.
  std::function<void(std::size_t, Result<EventPtr>)> answer;
};

// One librdkafka handle and the queue where all that it says arrives: results, statistics, errors.
// Not thread-safe. Private to this room.
class AdminSession {
 public:
  // What is referred to must outlive the session.
  AdminSession(HandlePtr handle, const LibraryLog& library_log,
               const std::atomic<bool>& interrupted, StatisticsRecord& statistics);
  // Answers of requests that were given up may still be on their way; the handle drops them.
  ~AdminSession() = default;

  rd_kafka_t* handle() const { return handle_.get(); }
  bool interrupted() const { return interrupted_.load(std::memory_order_relaxed); }
  BrokerErrors& errors() { return errors_; }

  // What the handle cannot connect without, as long as nothing is known of why it does not come.
  std::optional<LibraryMemory::Waiting> waiting() const;
  // `error` with its true kind and reason: see BrokerErrors. That of a handle that waits is
  // kAuthentication.
  Error Explain(BrokerId broker, Error error) const;

  // Asks, and returns when all is answered, or `deadline` has passed, or the client is interrupted;
  // what is open then is answered by an error.
  void Ask(const AdminQuestions& questions, Deadline deadline);

  // Waits, but not while interrupted.
  void WaitUntil(Deadline instant);

  // Takes in what arrived between the calls.
  void Drain();

 private:
  class Round;

  // A result whose opaque is 0 is none of ours.
  std::uintptr_t NextTicket() { return ++last_ticket_; }
  // Statistics and errors are dealt with; a result of the operation comes back.
  EventPtr Poll(std::chrono::milliseconds wait);

  // Destroyed last to first: the queue refers to the handle.
  HandlePtr handle_;
  QueuePtr queue_;
  const LibraryLog& library_log_;
  const std::atomic<bool>& interrupted_;
  StatisticsRecord& statistics_;
  BrokerErrors errors_;
  std::uintptr_t last_ticket_ = 0;
};

// Whole milliseconds until `deadline`, at least 0.
std::chrono::milliseconds TimeLeft(Deadline deadline);

// Why a call stops before its answers are there.
Error Interrupted(const std::string& subject);

}  // namespace backlogd::kafka
