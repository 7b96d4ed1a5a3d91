#include "app/poll_log.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"

namespace backlogd::app {
namespace {

// The right that a step's questions need: what to grant if they are refused.
std::string_view RightFor(snapshot::Step step) {
  using snapshot::Step;
  switch (step) {
    case Step::kListGroups: return "DESCRIBE on the cluster";
    case Step::kCommittedOffsets: return "DESCRIBE on the group and on its topics";
    case Step::kDescribeGroups: return "DESCRIBE on the group";
    case Step::kTopicConfigs: return "DESCRIBE_CONFIGS on the topic";
    case Step::kReadDeadLetters: return "READ on the topic";
    case Step::kMetadata:
    case Step::kLogStartOffsets:
    case Step::kLastStableOffsets:
    case Step::kLogEndOffsets:
    case Step::kDescribeTopics:
    case Step::kOffsetsForTimes: return "DESCRIBE on the topic";
  }
  return "";
}

}  // namespace

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

void PollLog::WriteDropped(const exposition::DroppedSeries& dropped) {
  const auto both_or_none = [](std::uint64_t a, std::uint64_t b) { return (a == 0) == (b == 0); };
  const bool told = std::ranges::equal(dropped, dropped_, both_or_none);
  dropped_ = dropped;
  if (told) return;
  if (std::ranges::count(dropped, std::uint64_t{0}) == std::ssize(dropped)) {
    log_.Write(LogLevel::kInfo, "series budget: no detail is left out any more",
               {{"kafka_cluster", kafka_cluster_}});
    return;
  }
  using exposition::Droppable;
  const auto count = [&](Droppable kind) {
    return std::to_string(dropped[static_cast<std::size_t>(kind)]);
  };
  log_.Write(LogLevel::kWarning, "series budget hit: detail is left out; see metrics.series_budget",
             {{"kafka_cluster", kafka_cluster_},
              {"full", count(Droppable::kFull)},
              {"group_partition", count(Droppable::kGroupPartition)},
              {"topic_partition", count(Droppable::kTopicPartition)},
              {"group_topic", count(Droppable::kGroupTopic)}});
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
  const auto is_over = [&](const auto& told) {
    return std::ranges::none_of(report.failures, [&](const snapshot::Failure& failure) {
      return failure.step == told.first.first;
    });
  };
  std::erase_if(failures_, is_over);
  for (auto& [key, told] : failures_) ++told.polls;
  for (const snapshot::Failure& failure : report.failures) {
    Told& told = failures_[{failure.step, failure.kind}];
    if (IsToBeTold(told, WithoutNumbers(failure.example))) WriteFailure(failure);
  }
}

bool PollLog::IsToBeTold(Told& told, const std::string& example) {
  told.lasted = example == told.last ? told.lasted + 1 : 1;
  told.last = example;
  const bool is_another = told.lasted >= kLasting && !told.examples.contains(example);
  if (!told.examples.empty() && !is_another && told.polls < kReminder) return false;
  if (told.examples.size() == kMostExamples) told.examples.clear();
  told.examples.insert(example);
  told.polls = 0;
  return true;
}

void PollLog::WriteFailure(const snapshot::Failure& failure) {
  constexpr std::string_view kMessage = "questions to Kafka failed";
  const std::string count = std::to_string(failure.count);
  if (failure.kind == ErrorKind::kUnauthorized) {
    log_.Write(LogLevel::kWarning, kMessage,
               {{"kafka_cluster", kafka_cluster_},
                {"step", snapshot::ToText(failure.step)},
                {"reason", ToText(failure.kind)},
                {"count", count},
                {"needs", RightFor(failure.step)},
                {"example", failure.example}});
    return;
  }
  log_.Write(LogLevel::kWarning, kMessage,
             {{"kafka_cluster", kafka_cluster_},
              {"step", snapshot::ToText(failure.step)},
              {"reason", ToText(failure.kind)},
              {"count", count},
              {"example", failure.example}});
}

}  // namespace backlogd::app
