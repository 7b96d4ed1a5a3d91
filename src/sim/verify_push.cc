#include "sim/verify_push.h"

#include <chrono>
#include <cstdint>
#include <mutex>
#include <nlohmann/json.hpp>

#include "cli/printable.h"
#include "http/http_client.h"

namespace backlogd::sim {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::milliseconds;

constexpr milliseconds kRetry{500};
constexpr std::size_t kMaxQuotedBytes = 200;

std::vector<kafka::RecordHeader> HeadersOf(const TestRecord& record) {
  std::vector<kafka::RecordHeader> headers;
  for (const auto& [name, value] : record.headers) headers.push_back({name, value});
  return headers;
}

class DirectPusher : public TestPusher {
 public:
  explicit DirectPusher(const Session& session) : session_(session) {
    kafka::ProducerOptions options;
    options.timeout = session.settings().timeout;
    const auto note = [this](const kafka::Delivery& delivery) { Note(delivery); };
    producer_ = session.with().make_producer(session.cluster(), options, note, session.log());
  }

  std::optional<std::string> Push(const std::vector<TestRecord>& records) override {
    const Deadline deadline = session_.Soon();
    for (const TestRecord& record : records) {
      if (auto error = Send(record, deadline)) return error->message;
    }
    if (const auto error = producer_->Flush(deadline)) return error->message;
    const std::lock_guard lock(mutex_);
    return first_error_;
  }

  bool KeepsTime() const override { return true; }
  std::string Through() const override { return "Kafka"; }

 private:
  std::optional<Error> Send(const TestRecord& record, Deadline deadline) {
    const auto headers = HeadersOf(record);
    kafka::OutgoingRecord outgoing;
    outgoing.topic = session_.settings().topic;
    outgoing.key = record.key;
    outgoing.value = record.value;
    outgoing.headers = headers;
    outgoing.timestamp = record.timestamp;
    while (true) {
      const auto accepted = producer_->Send(outgoing, 0);
      if (!accepted) return accepted.error();
      if (*accepted) return std::nullopt;
      if (session_.with().steady_now() >= deadline ||
          !session_.with().stop.Sleep(milliseconds(10))) {
        return Error{ErrorKind::kTimeout, "the producer's queue is full"};
      }
    }
  }

  void Note(const kafka::Delivery& delivery) {
    const std::lock_guard lock(mutex_);
    if (delivery.error && !first_error_) first_error_ = delivery.error->message;
  }

  const Session& session_;
  std::mutex mutex_;
  std::optional<std::string> first_error_;
  std::unique_ptr<kafka::RecordProducer> producer_;  // last: its sink uses what is above
};

class HttpPusher : public TestPusher {
 public:
  explicit HttpPusher(const Session& session)
      : session_(session), url_(session.settings().verify.push_url) {}

  std::optional<std::string> Push(const std::vector<TestRecord>& records) override {
    const Deadline deadline = session_.Soon();
    for (const TestRecord& record : records) {
      if (auto fault = PushOne(record, deadline)) return fault;
    }
    return std::nullopt;
  }

  bool KeepsTime() const override { return false; }
  std::string Through() const override { return "POST /push"; }

 private:
  std::optional<std::string> PushOne(const TestRecord& record, Deadline deadline) {
    Json request = {{"num", 1},
                    {"topic", session_.settings().topic},
                    {"data", *record.value},
                    {"key", *record.key},
                    {"headers", Json::object()}};
    for (const auto& [name, value] : record.headers) request["headers"][name] = *value;
    while (true) {
      const auto answer = http_.Post(url_, "application/json", request.dump(), deadline);
      if (!answer) return answer.error().message;
      const bool throttled = answer->status == 429;
      const bool in_time = session_.with().steady_now() + kRetry < deadline;
      if (!throttled || !in_time || !session_.with().stop.Sleep(kRetry)) return FaultOf(*answer);
    }
  }

  static std::optional<std::string> FaultOf(const http::Answer& answer) {
    const Json json = Json::parse(answer.body, nullptr, false);
    const bool success = json.is_object() && json.value("msg", Json()) == "push success";
    if (answer.status == 200 && success) return std::nullopt;
    return "POST /push answered " + std::to_string(answer.status) + " " +
           cli::ToLine(answer.body, kMaxQuotedBytes) +
           ", not 200 with a \"msg\" of \"push success\"";
  }

  const Session& session_;
  const std::string url_;
  http::HttpClient http_;
};

}  // namespace

std::unique_ptr<TestPusher> MakeTestPusher(const Session& session) {
  if (session.settings().verify.push_url.empty()) return std::make_unique<DirectPusher>(session);
  return std::make_unique<HttpPusher>(session);
}

}  // namespace backlogd::sim
