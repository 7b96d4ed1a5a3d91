#include "kafka/record_producer.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <thread>
#include <utility>

#include "base/mutex.h"
#include "kafka/admin_session.h"
#include "kafka/broker_errors.h"
#include "kafka/client_configuration.h"
#include "kafka/outgoing.h"
#include "kafka/statistics.h"
#include "kafka/writer_errors.h"

namespace backlogd::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kSlice{50};  // how late an interruption may be noticed
constexpr milliseconds kStatisticsWindow{1000};
constexpr milliseconds kMaxRequestTimeout{10'000};  // librdkafka's may not exceed the transaction's
constexpr milliseconds kPurgePatience{5000};

// What a record carries through librdkafka.
struct Ticket {
  std::uint64_t tag = 0;
  steady_clock::time_point sent_at;
};

HandleUse ProducerUse(const ProducerOptions& options) {
  HandleUse use;
  use.type = RD_KAFKA_PRODUCER;
  use.defaults = {
      {"topic.metadata.propagation.max.ms", "5000"},
      {"compression.type", "lz4"},
      {"linger.ms", std::to_string(options.linger.count())},
      // A batch that is too large for a topic fails as a whole.
      {"batch.size", "262144"},
      {"message.max.bytes", "100000000"},
  };
  milliseconds timeout = options.timeout;
  use.guards = {
      {"queue.buffering.max.messages", std::to_string(options.queue_records)},
      {"queue.buffering.max.kbytes", std::to_string(options.queue_kilobytes)},
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"max.in.flight.requests.per.connection", "5"},
      {"message.send.max.retries", "2147483647"},
      {"partitioner", "murmur2_random"},
  };
  if (!options.client_id.empty()) use.guards.emplace_back("client.id", options.client_id);
  if (!options.transactional_id.empty()) {
    timeout = std::min(timeout, options.transaction_timeout);
    use.guards.emplace_back("transactional.id", options.transactional_id);
    use.guards.emplace_back("transaction.timeout.ms",
                            std::to_string(options.transaction_timeout.count()));
    use.defaults.emplace_back("socket.timeout.ms",
                              std::to_string(std::min(timeout, kMaxRequestTimeout).count()));
  }
  use.guards.emplace_back("message.timeout.ms", std::to_string(timeout.count()));
  return use;
}

class LibrdkafkaProducer : public RecordProducer {
 public:
  LibrdkafkaProducer(const config::Cluster& cluster, const ProducerOptions& options,
                     DeliverySink sink, Log& log)
      : sink_(std::move(sink)),
        names_{options.transactional_id, ""},
        library_log_{log, cluster.name, Secrets(cluster)},
        handle_(MakeHandle(cluster, kStatisticsWindow, library_log_, ProducerUse(options))),
        queue_(rd_kafka_queue_get_main(handle_.get())),
        server_([this](const std::stop_token& stop) { Serve(stop); }) {}

  ~LibrdkafkaProducer() override {
    interrupted_ = true;
    rd_kafka_purge(handle_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    const Deadline end = steady_clock::now() + kPurgePatience;
    while (waiting_ > 0 && steady_clock::now() < end) {
      rd_kafka_flush(handle_.get(), static_cast<int>(kSlice.count()));
    }
    server_.request_stop();
    server_.join();
  }

  Result<bool> Send(const OutgoingRecord& record, std::uint64_t tag) override {
    rd_kafka_topic_t* topic = TopicOf(record.topic);
    const std::string subject = "record to " + std::string(record.topic);
    if (topic == nullptr) {
      return Error{ErrorKind::kOther, subject + ": no topic can have that name"};
    }
    auto ticket = std::make_unique<Ticket>(Ticket{tag, steady_clock::now()});
    ++waiting_;
    const rd_kafka_resp_err_t code = Produce(handle_.get(), topic, record, ticket.get());
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      // It comes back with the delivery report.
      static_cast<void>(ticket.release());  // NOLINT(bugprone-unused-return-value)
      return true;
    }
    --waiting_;
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return false;
    return Explain(subject, code, nullptr, std::string(record.topic));
  }

  std::optional<Error> Flush(Deadline deadline) override {
    while (waiting_ > 0) {
      const std::string subject = "acknowledgements of " + std::to_string(waiting_) + " records";
      if (interrupted_) return Interrupted(subject);
      if (TimeLeft(deadline).count() == 0) {
        return Explain(subject, RD_KAFKA_RESP_ERR__TIMED_OUT, nullptr, "");
      }
      rd_kafka_flush(handle_.get(), static_cast<int>(std::min(kSlice, TimeLeft(deadline)).count()));
    }
    return std::nullopt;
  }

  std::size_t Waiting() const override { return waiting_; }

  std::optional<Error> Open(Deadline deadline) override {
    return Complete("transactional id " + names_.transactional_id, deadline,
                    [this](int wait) { return rd_kafka_init_transactions(handle_.get(), wait); });
  }
  std::optional<Error> Begin() override {
    return Complete("beginning of a transaction", Deadline::min(),
                    [this](int) { return rd_kafka_begin_transaction(handle_.get()); });
  }
  std::optional<Error> Commit(Deadline deadline) override {
    if (auto error = Flush(deadline)) return error;
    return Complete("commit of a transaction", deadline,
                    [this](int wait) { return rd_kafka_commit_transaction(handle_.get(), wait); });
  }
  std::optional<Error> Abort(Deadline deadline) override {
    return Complete("abort of a transaction", deadline,
                    [this](int wait) { return rd_kafka_abort_transaction(handle_.get(), wait); });
  }

  std::vector<BrokerStatistics> Statistics() const override {
    const MutexLock lock(mutex_);
    return statistics_.Values();
  }

  void Interrupt() override { interrupted_ = true; }

 private:
  rd_kafka_topic_t* TopicOf(std::string_view name) {
    const MutexLock lock(mutex_);
    auto found = topics_.find(name);
    if (found == topics_.end()) {
      std::string text(name);
      TopicPtr topic(rd_kafka_topic_new(handle_.get(), text.c_str(), nullptr));
      found = topics_.emplace(std::move(text), std::move(topic)).first;
    }
    return found->second.get();
  }

  void Serve(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const EventPtr event{rd_kafka_queue_poll(queue_.get(), static_cast<int>(kSlice.count()))};
      if (event != nullptr) Note(event.get());
    }
  }

  void Note(rd_kafka_event_t* event) {
    switch (rd_kafka_event_type(event)) {
      case RD_KAFKA_EVENT_DR:
        while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
          Tell(*message);
        }
        break;
      case RD_KAFKA_EVENT_STATS: {
        const MutexLock lock(mutex_);
        statistics_.Update(rd_kafka_event_stats(event));
        break;
      }
      case RD_KAFKA_EVENT_ERROR: {
        const MutexLock lock(mutex_);
        errors_.Note(rd_kafka_event_error(event),
                     library_log_.Words(rd_kafka_event_error_string(event)));
        break;
      }
      default: break;
    }
  }

  void Tell(const rd_kafka_message_t& message) {
    const std::unique_ptr<Ticket> ticket(static_cast<Ticket*>(message._private));
    Delivery delivery;
    delivery.tag = ticket->tag;
    delivery.partition = message.partition;
    delivery.offset = message.offset;
    delivery.latency = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() -
                                                                             ticket->sent_at);
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      const std::string topic = rd_kafka_topic_name(message.rkt);
      delivery.error = Explain("record to " + topic, message.err, nullptr, topic);
      delivery.too_large = message.err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
    } else {
      const MutexLock lock(mutex_);
      errors_.Forget(kNoBroker);
    }
    sink_(delivery);
    --waiting_;
  }

  // Calls `step(milliseconds)` until it succeeds, again and again while its error may pass.
  template <typename Step>
  std::optional<Error> Complete(const std::string& subject, Deadline deadline, const Step& step) {
    for (;;) {
      if (interrupted_) return Interrupted(subject);
      const milliseconds wait = std::clamp(TimeLeft(deadline), milliseconds(1), 10 * kSlice);
      const ErrorPtr error(step(static_cast<int>(wait.count())));
      if (error == nullptr) return std::nullopt;
      const rd_kafka_resp_err_t code = rd_kafka_error_code(error.get());
      if (rd_kafka_error_is_retriable(error.get()) == 0 || TimeLeft(deadline).count() == 0) {
        return Explain(subject, code, rd_kafka_error_string(error.get()), "");
      }
      if (code != RD_KAFKA_RESP_ERR__TIMED_OUT) std::this_thread::sleep_for(kSlice);
    }
  }

  // `topic`: that the operation was about; may be empty.
  Error Explain(const std::string& subject, rd_kafka_resp_err_t code, const char* detail,
                const std::string& topic) {
    std::array<char, 512> reason{};
    const rd_kafka_resp_err_t fatal =
        rd_kafka_fatal_error(handle_.get(), reason.data(), reason.size());
    if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR) {
      code = fatal;
      detail = reason.data();
    }
    const std::string text = detail == nullptr ? "" : library_log_.secrets.Hide(detail);
    TopicNeed need{TopicRight::kWrite, {}};
    if (!topic.empty()) need.topics.insert(topic);
    const MutexLock lock(mutex_);
    return errors_.Explain(kNoBroker, MakeWriterError(subject, code, text.c_str(), names_, need));
  }

  const DeliverySink sink_;
  const WriterNames names_;
  LibraryLog library_log_;
  std::atomic<bool> interrupted_{false};
  std::atomic<std::size_t> waiting_{0};
  mutable Mutex mutex_;
  BrokerErrors errors_ GUARDED_BY(mutex_);
  StatisticsRecord statistics_ GUARDED_BY(mutex_);
  // Destroyed last to first: queue and topics refer to the handle, whose threads write to
  // library_log_.
  HandlePtr handle_;
  QueuePtr queue_;
  std::map<std::string, TopicPtr, std::less<>> topics_ GUARDED_BY(mutex_);
  std::jthread server_;
};

}  // namespace

std::unique_ptr<RecordProducer> MakeRecordProducer(const config::Cluster& cluster,
                                                   const ProducerOptions& options,
                                                   DeliverySink sink, Log& log) {
  return std::make_unique<LibrdkafkaProducer>(cluster, options, std::move(sink), log);
}

}  // namespace backlogd::kafka
