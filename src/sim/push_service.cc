#include "sim/push_service.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>
#include <vector>

namespace backlogd::sim {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::milliseconds;

// A queue that has no room for so long is one that no broker empties.
constexpr milliseconds kPatience{1000};
constexpr milliseconds kMaxLookUp{5000};

http::Response ToResponse(int status, const Json& content) {
  http::Response response;
  response.status = status;
  response.content_type = "application/json; charset=utf-8";
  response.body = content.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  return response;
}

http::Response Refusal(const ParamsError& error) {
  return ToResponse(403, {{"msg", "params error"}, {"param", error.param}, {"error", error.error}});
}

http::Response Busy(const std::string& msg, const Outcome& outcome, const std::string& error) {
  http::Response response = ToResponse(503, {{"msg", msg},
                                             {"accepted", outcome.accepted},
                                             {"acknowledged", outcome.acknowledged},
                                             {"failed", outcome.failed},
                                             {"unknown", outcome.unknown},
                                             {"error", error}});
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

std::vector<kafka::RecordHeader> HeadersOf(const PushRequest& request) {
  std::vector<kafka::RecordHeader> headers;
  for (const auto& [name, value] : request.headers) headers.push_back({name, value});
  return headers;
}

kafka::OutgoingRecord RecordOf(const PushRequest& request,
                               const std::vector<kafka::RecordHeader>& headers) {
  kafka::OutgoingRecord record;
  record.topic = request.topic;
  if (request.key) record.key = *request.key;
  record.value = request.data;
  record.headers = headers;
  return record;
}

}  // namespace

PushService::PushService(const Session& session, kafka::RecordProducer& producer, Tally& tally,
                         TopicDirectory& topics, const BackPressure& back_pressure)
    : session_(session),
      settings_(session.settings().produce.push),
      producer_(producer),
      tally_(tally),
      topics_(topics),
      back_pressure_(back_pressure),
      admission_(settings_.max_records_per_second) {}

http::Response PushService::Push(const http::Request& request) {
  const Deadline begun = session_.with().steady_now();
  if (request.body_is_too_large) {
    return Refusal({"body", "must have at most " + std::to_string(settings_.max_body_bytes) +
                                " bytes, got more"});
  }
  const auto parsed = ParsePushRequest(request.body, settings_.max_num);
  if (const auto* error = std::get_if<ParamsError>(&parsed)) return Refusal(*error);
  return Produce(std::get<PushRequest>(parsed), begun);
}

http::Response PushService::Produce(const PushRequest& request, Deadline begun) {
  const milliseconds look_up =
      std::min({session_.settings().timeout, settings_.timeout, kMaxLookUp});
  const auto exists = topics_.Has(request.topic, begun, begun + look_up);
  if (!exists) return Busy("broker busy", {}, exists.error().message);
  if (!*exists) {
    return Refusal({"topic", "must be a topic of the cluster: there is no " + request.topic +
                                 ", or no right to see it"});
  }
  if (const auto why = back_pressure_.HoldsBack(request.topic, begun)) {
    return Throttled(
        *why, std::chrono::ceil<std::chrono::seconds>(settings_.back_pressure.interval).count());
  }
  if (const auto seconds = admission_.Take(request.topic, request.num, begun)) {
    return Throttled("more than " + std::to_string(settings_.max_records_per_second) +
                         " records a second for " + request.topic,
                     *seconds);
  }
  const Sent sent = SendAll(request, begun + settings_.timeout);
  admission_.GiveBack(request.topic,
                      request.num - static_cast<std::int64_t>(sent.outcome.accepted));
  return AnswerOf(request, sent, begun);
}

http::Response PushService::Throttled(const std::string& why, std::int64_t retry_seconds) const {
  http::Response response = ToResponse(
      429, {{"msg", "throttled"}, {"error", why}, {"retry_after_seconds", retry_seconds}});
  response.headers.emplace_back("Retry-After", std::to_string(retry_seconds));
  return response;
}

PushService::Sent PushService::SendAll(const PushRequest& request, Deadline deadline) {
  const std::vector<kafka::RecordHeader> headers = HeadersOf(request);
  const kafka::OutgoingRecord record = RecordOf(request, headers);
  const std::uint64_t batch = tally_.Open();
  Sent sent;
  for (std::int64_t i = 0; i < request.num; ++i) {
    if (!Offer(record, batch, deadline, sent)) break;
  }
  sent.outcome = tally_.Close(batch, deadline);
  return sent;
}

// False: neither this record nor another one; `sent` says why.
bool PushService::Offer(const kafka::OutgoingRecord& record, std::uint64_t batch, Deadline deadline,
                        Sent& sent) {
  const cli::Stop& stop = session_.with().stop;
  const Deadline patient_until = std::min(deadline, session_.with().steady_now() + kPatience);
  while (!stop.Requested()) {
    tally_.Expect(batch);
    const Result<bool> accepted = producer_.Send(record, batch);
    if (accepted && *accepted) return true;
    tally_.TakeBack(batch);
    if (!accepted) {
      sent.refused = true;
      sent.why = accepted.error().message;
      return false;
    }
    if (session_.with().steady_now() >= patient_until) {
      sent.why = "the queue of records that wait for the broker is full";
      return false;
    }
    stop.Sleep(milliseconds(5));
  }
  sent.why = "the program is stopping";
  return false;
}

http::Response PushService::AnswerOf(const PushRequest& request, const Sent& sent,
                                     Deadline begun) const {
  const Outcome& outcome = sent.outcome;
  if (sent.refused && outcome.accepted == 0) return Refusal({"data", sent.why});
  // What cannot be written at all, and so was not, is wrong in what was asked for.
  const bool nothing_written = outcome.failed > 0 && outcome.failed == outcome.accepted;
  if (nothing_written && outcome.too_large) return Refusal({"data", outcome.error});
  if (nothing_written && outcome.unauthorized) return Refusal({"topic", outcome.error});
  if (outcome.failed > 0) {
    topics_.Forget(request.topic);
    return Busy("push failed", outcome, outcome.error);
  }
  if (!sent.why.empty() || outcome.unknown > 0) {
    return Busy("broker busy", outcome, sent.why.empty() ? outcome.error : sent.why);
  }
  const std::chrono::duration<double> seconds = session_.with().steady_now() - begun;
  return ToResponse(200, {{"msg", "push success"},
                          {"num", request.num},
                          {"topic", request.topic},
                          {"acknowledged", outcome.acknowledged},
                          {"seconds", std::round(seconds.count() * 1e6) / 1e6}});
}

}  // namespace backlogd::sim
