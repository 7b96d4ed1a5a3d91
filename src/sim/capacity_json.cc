#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/printable.h"
#include "sim/capacity_report.h"

namespace backlogd::sim {
namespace {

using Json = nlohmann::ordered_json;

Json Number(double value) { return std::round(value * 1000) / 1000; }
Json Perhaps(std::optional<double> value) { return value ? Number(*value) : Json(nullptr); }

Json ToJsonOf(const RateRun& run) {
  return {{"records_per_second", Number(run.records_per_second)},
          {"records", run.records},
          {"seconds", Number(run.seconds)},
          {"p50_ms", Perhaps(run.p50_ms)},
          {"p99_ms", Perhaps(run.p99_ms)},
          {"request_ms", Perhaps(run.load.request_ms)},
          {"throttle_ms", Perhaps(run.load.throttle_ms)},
          {"busy", Perhaps(run.load.busy)}};
}

Json ToJsonOf(const Rate& rate) {
  const std::optional<Estimate> estimate = rate.Get();
  if (!estimate) return nullptr;
  Json runs = Json::array();
  for (const RateRun& run : rate.runs) runs.push_back(ToJsonOf(run));
  return {{"records_per_second", Number(estimate->mean)},
          {"margin", Perhaps(estimate->margin)},
          {"runs", runs}};
}

Json ToJsonOf(const std::vector<ScaleStep>& steps) {
  Json list = Json::array();
  for (const ScaleStep& step : steps) {
    Json entry = {{"instances", step.instances}};
    entry.update(ToJsonOf(step.run));
    list.push_back(entry);
  }
  return list;
}

Json MembersOf(const CapacityReport& report) {
  Json runs = Json::array();
  for (const FollowRun& run : report.follows) {
    Json backlog = Json::array();
    for (const Sample& sample : run.backlog) {
      backlog.push_back({Number(sample.seconds), Number(sample.value)});
    }
    runs.push_back({{"members", run.members},
                    {"inflow", Number(run.inflow)},
                    {"growth", Number(run.growth)},
                    {"keeps_up", run.keeps_up},
                    {"backlog", backlog}});
  }
  Json levels = Json::array();
  for (const Level& level : report.search.levels) {
    levels.push_back(
        {{"members", level.members}, {"keeps_up", level.keeps_up}, {"piles_up", level.piles_up}});
  }
  return {{"needed", report.search.needed ? Json(*report.search.needed) : Json(nullptr)},
          {"confidence", Perhaps(report.search.confidence)},
          {"most", report.most_members},
          {"levels", levels},
          {"runs", runs}};
}

Json DrainsOf(const CapacityReport& report) {
  Json list = Json::array();
  for (const Drain& drain : report.drains) {
    list.push_back({{"members", drain.members},
                    {"measured_records", drain.measured_records},
                    {"measured_seconds", Number(drain.measured_seconds)},
                    {"seconds", Number(drain.seconds)},
                    {"seconds_with_inflow", Perhaps(drain.with_inflow)}});
  }
  return list;
}

}  // namespace

std::string ToJson(const CapacityReport& report) {
  const config::SimCapacity& settings = report.settings;
  const Json object = {{"topic", report.topic},
                       {"partitions", report.partitions},
                       {"inflow", settings.inflow},
                       {"value_bytes", settings.value_bytes},
                       {"handling_ms", settings.handling_ms},
                       {"backlog", settings.backlog},
                       {"consumer", ToJsonOf(report.member)},
                       {"members", MembersOf(report)},
                       {"producer", ToJsonOf(report.producer)},
                       {"push", ToJsonOf(report.push)},
                       {"producers", ToJsonOf(report.producers)},
                       {"consumers", ToJsonOf(report.consumers)},
                       {"drains", DrainsOf(report)},
                       {"bottleneck", ToText(report.judgement.bottleneck)},
                       {"because", report.judgement.because},
                       {"words", report.judgement.words},
                       {"hint", report.judgement.hint},
                       {"complete", report.ended.empty()},
                       {"ended", report.ended}};
  return cli::EscapeJson(object.dump(-1, ' ', false, Json::error_handler_t::replace)) + "\n";
}

}  // namespace backlogd::sim
