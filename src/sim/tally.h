#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "base/time.h"
#include "kafka/record_producer.h"
#include "sim/latencies.h"

namespace backlogd::sim {

// What became of some records. accepted = acknowledged + failed + unknown.
struct Outcome {
  std::uint64_t accepted = 0;      // by the producer
  std::uint64_t acknowledged = 0;  // by all in-sync replicas
  std::uint64_t failed = 0;        // Kafka refused them
  std::uint64_t unknown = 0;  // no answer in time: they may be in the log, or get there, or never
  std::string error{};        // the first; empty: none
  bool too_large = false;     // a record was larger than its topic takes
  bool unauthorized = false;  // there is no right to write to the topic
};

// The same of all records since the begin.
struct Totals {
  Outcome outcome;
  std::map<std::string, std::uint64_t> errors;  // records by message, of at most 20 messages
  Latencies latencies;                          // of the acknowledged ones
};

// Keeps account of records on their way. The tag of a record is the number of the batch that it
// belongs to. Thread-safe.
class Tally {
 public:
  std::uint64_t Open();  // a batch's number

  // Around each Send(), for the delivery may come before that returns.
  void Expect(std::uint64_t batch);
  void TakeBack(std::uint64_t batch);  // it was not accepted

  void Count(const kafka::Delivery& delivery);  // a DeliverySink

  // Waits until all of the batch is delivered, or until `deadline`; the number is then forgotten,
  // and later deliveries count for the totals alone.
  Outcome Close(std::uint64_t batch, Deadline deadline);

  // What is still on its way is unknown.
  Totals Total() const;

 private:
  static void Add(const kafka::Delivery& delivery, Outcome& outcome);

  mutable std::mutex mutex_;
  std::condition_variable done_;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, Outcome> open_;
  Totals totals_;
};

}  // namespace backlogd::sim
