#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cli/printable.h"
#include "sim/capacity_report.h"

namespace backlogd::sim {
namespace {

std::string Right(std::string text, std::size_t width) {
  if (text.size() < width) text.insert(0, width - text.size(), ' ');
  return text;
}
std::string Left(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string Perhaps(std::optional<double> value) { return value ? Readable(*value) : "-"; }

void AppendRate(const std::string& name, const Rate& rate, std::string& text) {
  const std::optional<Estimate> estimate = rate.Get();
  if (!estimate) return;
  text += "  " + Left(name, 32) + Right(Readable(estimate->mean), 12) + "  +- " +
          Left(Perhaps(estimate->margin), 10) + " " + std::to_string(rate.runs.size()) + " runs";
  if (rate.runs.back().p99_ms) {
    text += ", p50 " + Perhaps(rate.runs.back().p50_ms) + " ms, p99 " +
            Perhaps(rate.runs.back().p99_ms) + " ms";
  }
  text += "\n";
}

void AppendSteps(const std::string& title, const std::vector<ScaleStep>& steps, std::string& text) {
  if (steps.empty()) return;
  text += "\n" + Left(title, 34) + Right("records/s", 12) + Right("request ms", 12) +
          Right("throttled ms", 14) + Right("busy", 8) + "\n";
  for (const ScaleStep& step : steps) {
    const LoadSeen& load = step.run.load;
    const std::string busy = load.busy ? std::to_string(std::lround(*load.busy * 100)) + " %" : "-";
    text += "  " + Left(std::to_string(step.instances), 32) +
            Right(Readable(step.run.records_per_second), 12) + Right(Perhaps(load.request_ms), 12) +
            Right(Perhaps(load.throttle_ms), 14) + Right(busy, 8) + "\n";
  }
}

void AppendFollows(const CapacityReport& report, std::string& text) {
  if (report.follows.empty()) return;
  text += "\n" + Left("members at the inflow", 34) + Right("inflow/s", 12) +
          Right("backlog +/s", 14) + "\n";
  for (const FollowRun& run : report.follows) {
    text += "  " + Left(std::to_string(run.members), 32) + Right(Readable(run.inflow), 12) +
            Right(Readable(run.growth), 14) + "  " + (run.keeps_up ? "keeps up" : "piles up") +
            "\n";
  }
}

}  // namespace

std::string_view ToText(Bottleneck bottleneck) {
  switch (bottleneck) {
    case Bottleneck::kConsumer: return "consumer";
    case Bottleneck::kProducer: return "producer";
    case Bottleneck::kBroker: return "broker";
    case Bottleneck::kUnknown: break;
  }
  return "unknown";
}

std::string Readable(double value) {
  if (std::abs(value) < 0.005) return "0";
  char buffer[64];
  if (std::abs(value) >= 1e15) {
    std::snprintf(buffer, sizeof buffer, "%.3g", value);
    return buffer;
  }
  const int digits = std::abs(value) >= 100 || value == std::round(value) ? 0
                     : std::abs(value) >= 1                               ? 1
                                                                          : 2;
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
  std::string text = buffer;
  const std::size_t dot = std::min(text.find('.'), text.size());
  for (std::size_t i = dot; i > 3 + (value < 0 ? 1U : 0U); i -= 3) text.insert(i - 3, ",");
  return text;
}

std::optional<Estimate> Rate::Get() const {
  if (runs.empty()) return std::nullopt;
  std::vector<double> values;
  for (const RateRun& run : runs) values.push_back(run.records_per_second);
  return EstimateOf(values);
}

std::string ToText(const CapacityReport& report) {
  const config::SimCapacity& settings = report.settings;
  std::string text = "capacity of " + cli::ToLine(report.topic, 300) + ", " +
                     std::to_string(report.partitions) + " partitions, " +
                     Readable(static_cast<double>(settings.value_bytes)) + " bytes a record, " +
                     Readable(settings.handling_ms) + " ms to handle one\n\n" +
                     Left("one instance", 34) + Right("records/s", 12) + "  95 %\n";
  AppendRate("consumer", report.member, text);
  AppendRate("producer", report.producer, text);
  AppendRate("producer through POST /push", report.push, text);
  AppendFollows(report, text);
  AppendSteps("producers together", report.producers, text);
  AppendSteps("consumers without handling", report.consumers, text);
  text += "\n";
  for (const std::string& sentence : report.judgement.words) text += sentence + "\n";
  if (!report.ended.empty()) text += "Not everything: " + cli::ToLine(report.ended, 1000) + "\n";
  if (report.judgement.hint.empty()) return text;
  return text + "\nFor backlogd's configuration:\n\n" + report.judgement.hint;
}

}  // namespace backlogd::sim
