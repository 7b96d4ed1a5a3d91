#include "app/poll_log.h"

#include <utility>

namespace backlogd::app {

PollLog::PollLog(std::string kafka_cluster, Log& log)
    : kafka_cluster_(std::move(kafka_cluster)), log_(log) {}

void PollLog::Write(const analysis::LagReport& report, std::chrono::duration<double> duration) {
  WriteUp(report);
  WriteFailures(report);
  if (report.up && report.failures.empty()) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration);
    log_.Write(LogLevel::kDebug, "poll ended",
               {{"kafka_cluster", kafka_cluster_},
                {"duration", std::to_string(ms.count()) + "ms"},
                {"topics", std::to_string(report.topics.size())},
                {"partitions", std::to_string(report.partitions.size())},
                {"groups", std::to_string(report.groups.size())}});
  }
}

void PollLog::WriteUp(const analysis::LagReport& report) {
  if (up_ == report.up) return;
  up_ = report.up;
  if (report.up) {
    log_.Write(LogLevel::kInfo, "cluster is up",
               {{"kafka_cluster", kafka_cluster_},
                {"cluster_id", report.cluster_id},
                {"brokers", std::to_string(report.brokers.size())}});
  } else {
    log_.Write(LogLevel::kWarning, "cluster is not up: not everything was answered",
               {{"kafka_cluster", kafka_cluster_}});
  }
}

void PollLog::WriteFailures(const analysis::LagReport& report) {
  const auto before = std::exchange(failures_, {});
  for (const snapshot::Failure& failure : report.failures) {
    const std::pair key(failure.step, failure.kind);
    const auto last = before.find(key);
    const bool same = last != before.end() && last->second.example == failure.example;
    const int polls = same ? last->second.polls + 1 : 0;
    failures_[key] = {failure.example, polls};
    if (polls % kReminder != 0) continue;
    log_.Write(LogLevel::kWarning, "questions to Kafka failed",
               {{"kafka_cluster", kafka_cluster_},
                {"step", snapshot::ToText(failure.step)},
                {"reason", ToText(failure.kind)},
                {"count", std::to_string(failure.count)},
                {"example", failure.example}});
  }
}

}  // namespace backlogd::app
