#include "kafka/admin_session.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kafka/error_mapping.h"

namespace backlogd::kafka {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSlice{50};           // how late an interruption may be noticed
constexpr milliseconds kReplyAllowance{50};  // librdkafka gives up before us, so as to say why
constexpr milliseconds kLongestRequest{3'600'000};  // librdkafka's limit

milliseconds RequestTimeout(Deadline deadline) {
  return std::clamp(TimeLeft(deadline) - kReplyAllowance, milliseconds(1), kLongestRequest);
}

// While ListOffsets is being sent, librdkafka's timer may run out in another thread, and both free
// the request. So that timer is never as short as that takes; we give up at our own deadline all
// the same, if need be without librdkafka's reasons.
constexpr milliseconds kShortestListOffsets{250};

milliseconds RequestTimeout(rd_kafka_admin_op_t operation, Deadline deadline) {
  const milliseconds timeout = RequestTimeout(deadline);
  return operation == RD_KAFKA_ADMIN_OP_LISTOFFSETS ? std::max(timeout, kShortestListOffsets)
                                                    : timeout;
}

// Only a value out of range can be refused, and those are checked before.
void SetOptions(rd_kafka_AdminOptions_t* options, std::uintptr_t ticket, milliseconds timeout_ms) {
  const auto timeout = static_cast<int>(timeout_ms.count());
  rd_kafka_AdminOptions_set_request_timeout(options, timeout, nullptr, 0);
  rd_kafka_AdminOptions_set_opaque(options, reinterpret_cast<void*>(ticket));  // NOLINT
}

}  // namespace

std::chrono::milliseconds TimeLeft(Deadline deadline) {
  const auto now = std::chrono::steady_clock::now();
  if (deadline <= now) return milliseconds(0);  // however long ago: more than a difference can hold
  return std::chrono::duration_cast<milliseconds>(deadline - now);
}

Error Interrupted(const std::string& subject) {
  return Error{ErrorKind::kInterrupted, subject + ": interrupted"};
}

// The state of one Ask(): who waits for what.
class AdminSession::Round {
 public:
  Round(AdminSession& session, const AdminQuestions& questions, Deadline deadline)
      : session_(session),
        questions_(questions),
        deadline_(deadline),
        options_(rd_kafka_AdminOptions_new(session.handle(), questions.operation)) {
    if (questions.read_committed) {
      const ErrorPtr ignored(rd_kafka_AdminOptions_set_isolation_level(
          options_.get(), RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED));
    }
    if (questions.with_rights) {
      const ErrorPtr ignored(
          rd_kafka_AdminOptions_set_include_authorized_operations(options_.get(), 1));
    }
  }

  void Run() {
    FillLanes();
    for (auto& [broker, lane] : lanes_) SendWhatFits(broker, lane);
    while (!in_flight_.empty() && !session_.interrupted() && TimeLeft(deadline_).count() > 0) {
      EventPtr event = session_.Poll(std::min(kSlice, TimeLeft(deadline_)));
      if (event != nullptr) Accept(std::move(event));
    }
    GiveUpTheRest();
  }

 private:
  // The requests of one broker.
  struct Lane {
    std::vector<std::size_t> waiting;  // in reverse: the next one is the last
    std::size_t in_flight = 0;
  };

  void FillLanes() {
    for (std::size_t number = questions_.count; number-- > 0;) {
      const BrokerId broker = questions_.broker(number);
      if (broker == kNoBroker && questions_.routed) {
        const std::string subject = questions_.subject(number);
        questions_.answer(number, Error{ErrorKind::kNoLeader, subject + ": no broker to ask"});
      } else {
        lanes_[broker].waiting.push_back(number);
      }
    }
  }

  void SendWhatFits(BrokerId broker, Lane& lane) {
    while (!lane.waiting.empty() && lane.in_flight < questions_.window_per_broker) {
      const std::size_t number = lane.waiting.back();
      lane.waiting.pop_back();
      const std::uintptr_t ticket = session_.NextTicket();
      SetOptions(options_.get(), ticket, RequestTimeout(questions_.operation, deadline_));
      if (questions_.routed) {
        rd_kafka_AdminOptions_set_broker(options_.get(), broker, nullptr, 0);
      }
      in_flight_.emplace(ticket, Place{number, broker});
      ++lane.in_flight;
      questions_.send(number, options_.get(), session_.queue_.get());
    }
  }

  void Accept(EventPtr event) {
    const auto ticket = reinterpret_cast<std::uintptr_t>(rd_kafka_event_opaque(event.get()));
    const auto found = in_flight_.find(ticket);
    if (found == in_flight_.end()) return;  // late answer to a question that was given up
    const Place place = found->second;
    in_flight_.erase(found);
    Lane& lane = lanes_[place.broker];
    --lane.in_flight;
    Answer(place, std::move(event));
    SendWhatFits(place.broker, lane);
  }

  struct Place {
    std::size_t number;
    BrokerId broker;
  };

  void Answer(const Place& place, EventPtr event) {
    const rd_kafka_resp_err_t code = rd_kafka_event_error(event.get());
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      questions_.answer(place.number, std::move(event));
      return;
    }
    Error error =
        MakeError(questions_.subject(place.number), code, rd_kafka_event_error_string(event.get()));
    questions_.answer(place.number, session_.Explain(place.broker, std::move(error)));
  }

  void GiveUpTheRest() {
    for (const auto& [ticket, place] : in_flight_) GiveUp(place.number, place.broker);
    for (const auto& [broker, lane] : lanes_) {
      for (const std::size_t number : lane.waiting) GiveUp(number, broker);
    }
  }

  void GiveUp(std::size_t number, BrokerId broker) {
    const std::string subject = questions_.subject(number);
    if (session_.interrupted()) {
      questions_.answer(number, Interrupted(subject));
      return;
    }
    Error error = MakeError(subject, RD_KAFKA_RESP_ERR__TIMED_OUT);
    questions_.answer(number, session_.Explain(broker, std::move(error)));
  }

  AdminSession& session_;
  const AdminQuestions& questions_;
  const Deadline deadline_;
  const AdminOptionsPtr options_;
  std::map<BrokerId, Lane> lanes_;
  std::unordered_map<std::uintptr_t, Place> in_flight_;
};

AdminSession::AdminSession(HandlePtr handle, const LibraryLog& library_log,
                           const std::atomic<bool>& interrupted, StatisticsRecord& statistics)
    : handle_(std::move(handle)),
      queue_(rd_kafka_queue_new(handle_.get())),
      library_log_(library_log),
      interrupted_(interrupted),
      statistics_(statistics) {
  const QueuePtr main_queue(rd_kafka_queue_get_main(handle_.get()));
  rd_kafka_queue_forward(main_queue.get(), queue_.get());
}

void AdminSession::Ask(const AdminQuestions& questions, Deadline deadline) {
  Round(*this, questions, deadline).Run();
}

void AdminSession::WaitUntil(Deadline instant) {
  while (!interrupted() && TimeLeft(instant).count() > 0) {
    // Late answers come along here too; there is nobody to give them to.
    Poll(std::min(kSlice, TimeLeft(instant)));
  }
}

std::optional<LibraryMemory::Waiting> AdminSession::waiting() const {
  if (errors_.knows_trouble()) return std::nullopt;
  return library_log_.memory.waiting();
}

Error AdminSession::Explain(BrokerId broker, Error error) const {
  const auto waits = waiting();
  if (!waits || (error.kind != ErrorKind::kTimeout && error.kind != ErrorKind::kUnreachable)) {
    return errors_.Explain(broker, std::move(error));
  }
  return Error{ErrorKind::kAuthentication, error.message + " (" + waits->awaited + ")"};
}

void AdminSession::Drain() {
  // Answers that were given up come along here and are dropped.
  while (Poll(milliseconds(0)) != nullptr) {
  }
}

EventPtr AdminSession::Poll(milliseconds wait) {
  for (;;) {
    EventPtr event(rd_kafka_queue_poll(queue_.get(), static_cast<int>(wait.count())));
    if (event == nullptr) return nullptr;
    switch (rd_kafka_event_type(event.get())) {
      case RD_KAFKA_EVENT_STATS: statistics_.Update(rd_kafka_event_stats(event.get())); break;
      case RD_KAFKA_EVENT_ERROR:
        errors_.Note(rd_kafka_event_error(event.get()),
                     library_log_.Words(rd_kafka_event_error_string(event.get())));
        break;
      default: return event;
    }
    wait = milliseconds(0);
  }
}

}  // namespace backlogd::kafka
