#include "kafka/producer_session.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "kafka/error_mapping.h"
#include "kafka/outgoing.h"

namespace backlogd::kafka {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSlice{50};
constexpr milliseconds kPause{20};                  // before a step that failed at once is repeated
constexpr milliseconds kMaxRequestTimeout{10'000};  // librdkafka's may not exceed the transaction's

// Dropped for a reason that lies with the transaction, not with the record.
bool WasPurged(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__PURGE_QUEUE || code == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT ||
         code == RD_KAFKA_RESP_ERR__FATAL || code == RD_KAFKA_RESP_ERR__STATE;
}

}  // namespace

std::string NameOfRecord(std::string_view topic, std::string_view name) {
  std::string text = "record to " + std::string(topic);
  if (!name.empty()) text.append(" (").append(name).append(")");
  return text;
}

HandleUse WriterUse(const WriterOptions& options) {
  const std::string transaction_timeout = std::to_string(options.transaction_timeout.count());
  HandleUse use;
  use.type = RD_KAFKA_PRODUCER;
  use.defaults = {
      {"socket.timeout.ms",
       std::to_string(std::min(options.transaction_timeout, kMaxRequestTimeout).count())},
      {"topic.metadata.propagation.max.ms", "5000"},
      {"compression.type", "lz4"},
      {"linger.ms", "5"},
      // A batch that is too large for a topic fails as a whole, so that batches are small; a record
      // that is larger than this goes alone. How large that may be the broker decides.
      {"batch.size", "16384"},
      {"message.max.bytes", "100000000"},
      {"queue.buffering.max.kbytes", "131072"},
  };
  use.guards = {
      {"transactional.id", options.transactional_id},
      {"transaction.timeout.ms", transaction_timeout},
      {"message.timeout.ms", transaction_timeout},
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"max.in.flight.requests.per.connection", "5"},
      {"message.send.max.retries", "2147483647"},
      {"partitioner", "murmur2_random"},
      {"delivery.report.only.error", "true"},
  };
  return use;
}

ProducerSession::ProducerSession(HandlePtr handle, const LibraryLog& library_log,
                                 const WriterNames& names, const std::atomic<bool>& interrupted,
                                 const std::atomic<Deadline>& end)
    : handle_(std::move(handle)),
      queue_(rd_kafka_queue_get_main(handle_.get())),
      library_log_(library_log),
      names_(names),
      interrupted_(interrupted),
      end_(end) {}

milliseconds ProducerSession::TimeUntil(Deadline deadline) const {
  return TimeLeft(std::min(deadline, end_.load(std::memory_order_relaxed)));
}

void ProducerSession::Clear() {
  purged_ = false;
  written_.clear();
  names_of_records_.clear();
  committing_.clear();
}

rd_kafka_topic_t* ProducerSession::TopicOf(std::string_view name) {
  auto found = topics_.find(name);
  if (found == topics_.end()) {
    std::string text(name);
    TopicPtr topic(rd_kafka_topic_new(handle_.get(), text.c_str(), nullptr));
    found = topics_.emplace(std::move(text), std::move(topic)).first;
  }
  if (!written_.contains(name)) written_.emplace(name);
  return found->second.get();
}

rd_kafka_resp_err_t ProducerSession::Produce(const OutgoingRecord& record) {
  rd_kafka_topic_t* topic = TopicOf(record.topic);
  if (topic == nullptr) return RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION;  // no such name is possible
  names_of_records_.emplace_back(record.name);
  void* number = reinterpret_cast<void*>(names_of_records_.size());  // NOLINT: no pointer
  return kafka::Produce(handle_.get(), topic, record, number);
}

void ProducerSession::Poll(milliseconds wait) {
  while (const EventPtr event{rd_kafka_queue_poll(queue_.get(), static_cast<int>(wait.count()))}) {
    wait = milliseconds(0);
    switch (rd_kafka_event_type(event.get())) {
      case RD_KAFKA_EVENT_DR: NoteDeliveries(event.get()); break;
      case RD_KAFKA_EVENT_ERROR:
        errors_.Note(rd_kafka_event_error(event.get()),
                     library_log_.Words(rd_kafka_event_error_string(event.get())));
        break;
      default: break;
    }
  }
}

void ProducerSession::NoteDeliveries(rd_kafka_event_t* event) {
  while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
    NoteDelivery(*message);
  }
}

void ProducerSession::NoteDelivery(const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  purged_ = purged_ || WasPurged(message.err);
  if (WasPurged(message.err) || failure_) return;
  if (message.err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) NoteTooLarge();
  const std::string topic = rd_kafka_topic_name(message.rkt);
  const auto number = reinterpret_cast<std::uintptr_t>(message._private);  // NOLINT: no pointer
  const bool known = number > 0 && number <= names_of_records_.size();
  Error error = MakeWriterError(NameOfRecord(topic, known ? names_of_records_[number - 1] : ""),
                                message.err, nullptr, names_, {TopicRight::kWrite, {topic}});
  failure_ = errors_.Explain(kNoBroker, std::move(error));
}

std::optional<Error> ProducerSession::Flush(Deadline deadline) {
  while (rd_kafka_outq_len(handle_.get()) > 0) {
    if (interrupted_) return Interrupted("writing of records");
    if (TimeUntil(deadline).count() == 0) return TimedOut("writing of records");
    const milliseconds slice = std::min(kSlice, TimeUntil(deadline));
    rd_kafka_flush(handle_.get(), static_cast<int>(slice.count()));
    Poll(milliseconds(0));
  }
  Poll(milliseconds(0));
  return failure_;
}

std::optional<Error> ProducerSession::Complete(const std::string& subject, milliseconds slice,
                                               Deadline deadline, const Step& step) {
  for (;;) {
    if (interrupted_) return Interrupted(subject);
    const milliseconds wait = std::clamp(TimeUntil(deadline), milliseconds(1), slice);
    const ErrorPtr error(step(static_cast<int>(wait.count())));
    Poll(milliseconds(0));
    if (error == nullptr) {
      errors_.Forget(kNoBroker);
      return std::nullopt;
    }
    const rd_kafka_resp_err_t code = rd_kafka_error_code(error.get());
    if (rd_kafka_error_is_retriable(error.get()) == 0) {
      return Explain(subject, code, rd_kafka_error_string(error.get()));
    }
    if (TimeUntil(deadline).count() == 0) return TimedOut(subject);
    if (code != RD_KAFKA_RESP_ERR__TIMED_OUT) Poll(std::min(kPause, TimeUntil(deadline)));
  }
}

Error ProducerSession::TimedOut(const std::string& subject) {
  return errors_.Explain(kNoBroker, MakeError(subject, RD_KAFKA_RESP_ERR__TIMED_OUT));
}

Error ProducerSession::Explain(const std::string& subject, rd_kafka_resp_err_t code,
                               const char* detail) {
  Poll(milliseconds(0));
  if (failure_) return *failure_;
  std::array<char, 512> reason{};
  const rd_kafka_resp_err_t fatal =
      rd_kafka_fatal_error(handle_.get(), reason.data(), reason.size());
  if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR) {
    code = fatal;
    detail = reason.data();
  }
  const bool while_committing = !committing_.empty() && !purged_;
  const std::string text = detail == nullptr ? "" : library_log_.Words(detail);
  const TopicNeed need = while_committing ? TopicNeed{TopicRight::kRead, committing_}
                                          : TopicNeed{TopicRight::kWrite, written_};
  Error error = MakeWriterError(subject, code, text.c_str(), names_, need);
  return errors_.Explain(kNoBroker, std::move(error));
}

}  // namespace backlogd::kafka
