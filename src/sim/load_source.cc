#include "sim/load_source.h"

#include <chrono>
#include <utility>

#include "sim/failure.h"

namespace backlogd::sim {

LoadSource::LoadSource(const Session& session, std::string topic, int partitions,
                       std::int64_t value_bytes)
    : session_(session),
      topic_(std::move(topic)),
      partitions_(partitions),
      random_(std::random_device()()),
      values_(value_bytes, 0, random_) {
  kafka::ProducerOptions options;
  options.timeout = session.settings().timeout;
  producer_ = session.with().make_producer(
      session.cluster(), options, [this](const kafka::Delivery& delivery) { Count(delivery); },
      session.log());
}

void LoadSource::Count(const kafka::Delivery& delivery) {
  const std::lock_guard lock(mutex_);
  if (delivery.error) {
    if (fault_.empty()) fault_ = delivery.error->message;
    return;
  }
  latencies_.Add(delivery.latency);
  ++acknowledged_;
}

bool LoadSource::Send(const std::string& key) {
  if (!SendTo(next_, key)) return false;
  next_ = (next_ + 1) % partitions_;
  return true;
}

bool LoadSource::SendTo(kafka::PartitionId partition, const std::string& key) {
  kafka::OutgoingRecord record;
  record.topic = topic_;
  record.partition = partition;
  record.key = key;
  record.value = values_.Next(random_);
  const Result<bool> accepted = producer_->Send(record, 0);
  if (!accepted) throw Failure("records cannot be sent: " + accepted.error().message);
  return *accepted;
}

void LoadSource::Flush() {
  if (const auto error = producer_->Flush(session_.Soon())) {
    throw Failure("records are not acknowledged: " + error->message);
  }
  DemandDeliveries();
}

void LoadSource::DemandDeliveries() const {
  const std::lock_guard lock(mutex_);
  if (!fault_.empty()) throw Failure("records are not acknowledged: " + fault_);
}

Latencies LoadSource::TakeLatencies() {
  const std::lock_guard lock(mutex_);
  return std::exchange(latencies_, {});
}

FlatOut::FlatOut(LoadSource& source, std::string key)
    : source_(source), key_(std::move(key)), thread_([this] { Run(); }) {}

FlatOut::~FlatOut() {
  ending_ = true;
  thread_.join();
}

void FlatOut::Run() {
  try {
    while (!ending_) {
      // The queue is full: half of it is gone in some milliseconds, or the broker does not answer.
      if (!source_.Send(key_)) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  } catch (const Failure& failure) {
    const std::lock_guard lock(mutex_);
    fault_ = failure.what();
  }
}

void FlatOut::Demand() const {
  source_.DemandDeliveries();
  const std::lock_guard lock(mutex_);
  if (!fault_.empty()) throw Failure(fault_);
}

}  // namespace backlogd::sim
