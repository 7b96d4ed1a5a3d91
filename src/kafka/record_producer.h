#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "config/config.h"
#include "kafka/record_writer.h"
#include "kafka/types.h"

namespace backlogd::kafka {

// What became of a record.
struct Delivery {
  std::uint64_t tag = 0;       // as it was given to Send()
  std::optional<Error> error;  // absent: all in-sync replicas have it
  bool too_large = false;      // it is larger than its topic takes
  PartitionId partition = 0;   // of a record without error, like the offset
  Offset offset = 0;
  std::chrono::microseconds latency{};  // from Send() to the acknowledgement
};
// Called exactly once for each record that was accepted, on the producer's own thread; must not
// block, and must not call the producer.
using DeliverySink = std::function<void(const Delivery& delivery)>;

struct ProducerOptions {
  std::size_t queue_records = 100'000;        // that wait for the broker at most
  std::size_t queue_kilobytes = 256 << 10;    // likewise
  std::chrono::milliseconds timeout{30'000};  // for a record, from Send() to its acknowledgement
  std::string transactional_id;               // empty: no transactions
  std::chrono::milliseconds transaction_timeout{60'000};
  std::string client_id;                // empty: that of the cluster's configuration
  std::chrono::milliseconds linger{5};  // a batch waits so long for more records
};

// Produces many records, with acks=all and idempotent: an acknowledged record is written once, and
// records of one partition keep their order. Thread-safe, but for the transactions, which are one
// thread's.
class RecordProducer {
 public:
  virtual ~RecordProducer() = default;  // what is not delivered by then is dropped, and told

  // Never blocks; the record is copied. True: accepted. False: the queue is full, nothing was
  // accepted. An error: this record cannot be written (too large, no such topic); `tag` is told no
  // more. REQUIRES: with transactions, between Begin() and Commit()
  virtual Result<bool> Send(const OutgoingRecord& record, std::uint64_t tag) = 0;

  // Waits until everything accepted so far has been delivered, or until `deadline`, or Interrupt().
  // The error says how many records are still on their way, and why as far as that is known.
  virtual std::optional<Error> Flush(Deadline deadline) = 0;

  // Records that were accepted and not delivered yet.
  virtual std::size_t Waiting() const = 0;

  // Transactions. Open() first of all, once. REQUIRES: ProducerOptions::transactional_id
  virtual std::optional<Error> Open(Deadline deadline) = 0;
  virtual std::optional<Error> Begin() = 0;
  virtual std::optional<Error> Commit(Deadline deadline) = 0;  // waits for the records too
  virtual std::optional<Error> Abort(Deadline deadline) = 0;

  // Requests, round trips and throttling by broker, as measured so far. Ascending by broker.
  virtual std::vector<BrokerStatistics> Statistics() const = 0;

  // Calls that wait return within about 100 ms with ErrorKind::kInterrupted, now and later.
  virtual void Interrupt() = 0;
};

// A producer over librdkafka. Waits for no broker. `log` must outlive it; `sink` may be called
// until the destructor returns. Throws config::ConfigError if librdkafka refuses a property (naming
// it; quotes no secret).
std::unique_ptr<RecordProducer> MakeRecordProducer(const config::Cluster& cluster,
                                                   const ProducerOptions& options,
                                                   DeliverySink sink, Log& log);

}  // namespace backlogd::kafka
