#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "kafka/record_producer.h"
#include "sim/latencies.h"
#include "sim/session.h"
#include "sim/values.h"

namespace backlogd::sim {

// One producer instance of a capacity test. Spreads records evenly over the partitions of a topic.
// One thread sends; the counts may be read by others.
class LoadSource {
 public:
  LoadSource(const Session& session, std::string topic, int partitions, std::int64_t value_bytes);

  // False: the queue is full. Throws Failure if such a record cannot be written.
  bool Send(const std::string& key);
  bool SendTo(kafka::PartitionId partition, const std::string& key);

  // Waits until what was sent is acknowledged, at most for the session's timeout. Throws Failure.
  void Flush();
  // Throws Failure if a record was refused or not acknowledged in time.
  void DemandDeliveries() const;

  std::uint64_t acknowledged() const { return acknowledged_; }
  std::size_t Waiting() const { return producer_->Waiting(); }
  Latencies TakeLatencies();  // since the last call
  std::vector<kafka::BrokerStatistics> Statistics() const { return producer_->Statistics(); }

 private:
  void Count(const kafka::Delivery& delivery);

  const Session& session_;
  const std::string topic_;
  const int partitions_;
  std::mt19937_64 random_;
  const Values values_;
  kafka::PartitionId next_ = 0;
  std::atomic<std::uint64_t> acknowledged_ = 0;
  mutable std::mutex mutex_;
  Latencies latencies_;
  std::string fault_;
  std::unique_ptr<kafka::RecordProducer> producer_;  // last: it calls Count() until it is gone
};

// Sends as fast as the producer takes records, on a thread of its own, until it is destroyed.
class FlatOut {
 public:
  FlatOut(LoadSource& source, std::string key);
  ~FlatOut();
  FlatOut(const FlatOut&) = delete;
  FlatOut& operator=(const FlatOut&) = delete;

  void Demand() const;  // throws Failure if it could not go on

 private:
  void Run();

  LoadSource& source_;
  const std::string key_;
  std::atomic<bool> ending_ = false;
  mutable std::mutex mutex_;
  std::string fault_;
  std::thread thread_;
};

}  // namespace backlogd::sim
