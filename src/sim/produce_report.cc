#include "sim/produce_report.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/printable.h"

namespace backlogd::sim {
namespace {

using Json = nlohmann::ordered_json;

double Rounded(double value) { return std::round(value * 1000) / 1000; }

double RateOf(std::uint64_t records, double seconds) {
  return seconds > 0 ? Rounded(static_cast<double>(records) / seconds) : 0;
}

double MillisecondsAt(const Latencies& latencies, double share) {
  return Rounded(static_cast<double>(latencies.Quantile(share).count()) / 1000);
}

std::string Short(double value) {
  std::string text = std::to_string(Rounded(value));
  text.resize(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string Line(std::string name, const std::string& value) {
  name.resize(22, ' ');
  return name + value + "\n";
}

std::string TextOf(const Totals& totals) {
  const Outcome& outcome = totals.outcome;
  std::string text = Line("records acknowledged", std::to_string(outcome.acknowledged));
  if (outcome.failed > 0) text += Line("records refused", std::to_string(outcome.failed));
  if (outcome.unknown > 0) text += Line("records unknown", std::to_string(outcome.unknown));
  for (const auto& [error, records] : totals.errors) {
    text += "  " + std::to_string(records) + ": " + cli::ToLine(error, 500) + "\n";
  }
  if (totals.latencies.count() > 0) {
    text += Line("latency p50, p99", Short(MillisecondsAt(totals.latencies, 0.5)) + " ms, " +
                                         Short(MillisecondsAt(totals.latencies, 0.99)) + " ms");
  }
  return text;
}

void Add(const Totals& totals, double seconds, Json& object) {
  const Outcome& outcome = totals.outcome;
  object["accepted"] = outcome.accepted;
  object["acknowledged"] = outcome.acknowledged;
  object["failed"] = outcome.failed;
  object["unknown"] = outcome.unknown;
  object["errors"] = Json::object();
  for (const auto& [error, records] : totals.errors) object["errors"][error] = records;
  object["seconds"] = Rounded(seconds);
  object["records_per_second"] = RateOf(outcome.acknowledged, seconds);
  if (totals.latencies.count() == 0) return;
  object["latency_ms"] = {{"p50", MillisecondsAt(totals.latencies, 0.5)},
                          {"p99", MillisecondsAt(totals.latencies, 0.99)}};
}

std::string Dump(const Json& object) {
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string ToText(const ScheduleReport& report) {
  const Outcome& outcome = report.totals.outcome;
  std::string text = Line("topic", report.topic);
  text += Line("records sent", std::to_string(outcome.accepted) + " in " + Short(report.seconds) +
                                   " s, " + Short(RateOf(outcome.accepted, report.seconds)) + "/s");
  text += TextOf(report.totals);
  if (report.aborted > 0) text += Line("of them aborted", std::to_string(report.aborted));
  if (!report.fault.empty()) text += Line("ended early", report.fault);
  return text;
}

std::string ToJson(const ScheduleReport& report) {
  Json object;
  object["topic"] = report.topic;
  Add(report.totals, report.seconds, object);
  object["aborted"] = report.aborted;
  object["fault"] = report.fault.empty() ? Json(nullptr) : Json(report.fault);
  return Dump(object);
}

std::string ToText(const PushReport& report) {
  std::string text;
  for (const auto& [status, count] : report.requests) {
    text += Line("answers " + std::to_string(status), std::to_string(count));
  }
  text += Line("records accepted", std::to_string(report.totals.outcome.accepted));
  return text + TextOf(report.totals);
}

std::string ToJson(const PushReport& report) {
  Json object;
  object["requests"] = Json::object();
  for (const auto& [status, count] : report.requests) {
    object["requests"][std::to_string(status)] = count;
  }
  Add(report.totals, report.seconds, object);
  return Dump(object);
}

}  // namespace backlogd::sim
