#pragma once

#include <cstdint>
#include <string>

#include "config/sim.h"
#include "http/http_server.h"
#include "kafka/record_producer.h"
#include "sim/admission.h"
#include "sim/back_pressure.h"
#include "sim/push_request.h"
#include "sim/session.h"
#include "sim/tally.h"
#include "sim/topic_directory.h"

namespace backlogd::sim {

// Answers POST /push, as docs/simulator.md says. Thread-safe.
class PushService {
 public:
  // All must outlive it; `tally` counts what `producer` delivers.
  PushService(const Session& session, kafka::RecordProducer& producer, Tally& tally,
              TopicDirectory& topics, const BackPressure& back_pressure);

  // Blocks until all records of the request are acknowledged, at most as long as push.timeout. Once
  // a stop is requested it sends no more records, and waits for those that were accepted.
  http::Response Push(const http::Request& request);

 private:
  struct Sent {
    Outcome outcome{};
    bool refused = false;  // Send() refuses such a record; `why` says so
    std::string why{};     // not all were sent; empty: all were
  };

  http::Response Produce(const PushRequest& request, Deadline begun);
  http::Response Throttled(const std::string& why, std::int64_t retry_seconds) const;
  Sent SendAll(const PushRequest& request, Deadline deadline);
  bool Offer(const kafka::OutgoingRecord& record, std::uint64_t batch, Deadline deadline,
             Sent& sent);
  http::Response AnswerOf(const PushRequest& request, const Sent& sent, Deadline begun) const;

  const Session& session_;
  const config::SimPush& settings_;
  kafka::RecordProducer& producer_;
  Tally& tally_;
  TopicDirectory& topics_;
  const BackPressure& back_pressure_;
  Admission admission_;
};

}  // namespace backlogd::sim
