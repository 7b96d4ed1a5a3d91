#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kafka/record_producer.h"

namespace backlogd {

// What producers have written, and how the brokers behave. Thread-safe through its functions; the
// fields are set before producers are in use.
struct FakeTopicLog {
  struct Written {
    std::string topic;
    std::optional<std::string> key;
    std::string value;
    std::vector<std::pair<std::string, std::string>> headers;
    std::optional<WallTime> timestamp;
    bool committed = true;  // false: of a transaction that is open or was aborted
  };

  std::optional<Error> refuse;          // each Send fails
  std::optional<Error> fail_delivery;   // each delivery fails
  bool too_large = false;               // since the records are
  std::map<std::string, Error> fail;    // by name of another call
  std::size_t max_waiting = 1'000'000;  // then the queue is full
  std::vector<std::string> calls;       // but Send, Waiting and Flush

  std::vector<Written> Copy() const {
    const std::lock_guard lock(mutex);
    return written;
  }
  // False: the brokers answer to nothing, records wait.
  void SetAnswering(bool answers) {
    {
      const std::lock_guard lock(mutex);
      answering = answers;
    }
    if (release) release();
  }

  mutable std::mutex mutex;
  std::vector<Written> written;
  bool answering = true;
  std::function<void()> release;  // of the producer
};

// Delivers at once, on the thread of Send, or when the brokers answer again. One a log.
struct FakeRecordProducer : kafka::RecordProducer {
  // `log` must outlive it.
  FakeRecordProducer(FakeTopicLog& of, kafka::ProducerOptions producer_options,
                     kafka::DeliverySink delivery_sink)
      : log(of), options(std::move(producer_options)), sink(std::move(delivery_sink)) {
    log.release = [this] { DeliverAll(); };
  }
  ~FakeRecordProducer() override {
    log.release = nullptr;
    for (const std::uint64_t tag : waiting) {
      Tell(tag, Error{ErrorKind::kInterrupted, "the producer was closed"});
    }
  }

  Result<bool> Send(const kafka::OutgoingRecord& record, std::uint64_t tag) override {
    if (log.refuse) return *log.refuse;
    {
      const std::lock_guard lock(log.mutex);
      if (!log.answering) {
        if (waiting.size() >= log.max_waiting) return false;
        waiting.push_back(tag);
        pending.push_back(Copy(record));
        return true;
      }
      if (!log.fail_delivery) log.written.push_back(Copy(record));
    }
    Tell(tag, log.fail_delivery);
    return true;
  }

  std::optional<Error> Flush(Deadline deadline) override {
    std::unique_lock lock(log.mutex);
    const bool done = delivered.wait_until(lock, deadline, [this] { return waiting.empty(); });
    if (done) return std::nullopt;
    return Error{ErrorKind::kTimeout, std::to_string(waiting.size()) + " records on their way"};
  }

  std::size_t Waiting() const override {
    const std::lock_guard lock(log.mutex);
    return waiting.size();
  }

  std::optional<Error> Open(Deadline) override { return Called("Open"); }
  std::optional<Error> Begin() override {
    const std::lock_guard lock(log.mutex);
    first_of_transaction = log.written.size();
    return Called("Begin");
  }
  std::optional<Error> Commit(Deadline) override {
    const std::lock_guard lock(log.mutex);
    if (auto error = Called("Commit")) return error;
    for (std::size_t i = first_of_transaction; i < log.written.size(); ++i) {
      log.written[i].committed = true;
    }
    return std::nullopt;
  }
  std::optional<Error> Abort(Deadline) override { return Called("Abort"); }

  std::vector<kafka::BrokerStatistics> Statistics() const override { return {}; }
  void Interrupt() override {}

  std::optional<Error> Called(const std::string& call) {
    log.calls.push_back(call);
    const auto found = log.fail.find(call);
    if (found == log.fail.end()) return std::nullopt;
    return found->second;
  }

  FakeTopicLog::Written Copy(const kafka::OutgoingRecord& record) const {
    FakeTopicLog::Written copy{std::string(record.topic),
                               {},
                               std::string(record.value.value_or("")),
                               {},
                               record.timestamp,
                               options.transactional_id.empty()};
    if (record.key) copy.key = std::string(*record.key);
    for (const kafka::RecordHeader& header : record.headers) {
      copy.headers.emplace_back(header.name, header.value.value_or(""));
    }
    return copy;
  }

  void DeliverAll() {
    std::deque<std::uint64_t> tags;
    {
      const std::lock_guard lock(log.mutex);
      if (!log.answering) return;
      tags.swap(waiting);
      log.written.insert(log.written.end(), pending.begin(), pending.end());
      pending.clear();
    }
    for (const std::uint64_t tag : tags) Tell(tag, log.fail_delivery);
    delivered.notify_all();
  }

  void Tell(std::uint64_t tag, const std::optional<Error>& error) {
    kafka::Delivery delivery;
    delivery.tag = tag;
    delivery.error = error;
    delivery.too_large = error && log.too_large;
    delivery.latency = std::chrono::milliseconds(2);
    sink(delivery);
  }

  FakeTopicLog& log;
  const kafka::ProducerOptions options;
  const kafka::DeliverySink sink;
  std::deque<std::uint64_t> waiting;
  std::vector<FakeTopicLog::Written> pending;
  std::condition_variable delivered;
  std::size_t first_of_transaction = 0;
};

}  // namespace backlogd
