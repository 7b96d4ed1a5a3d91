// The page of kafka-lag-exporter (seglo), and what klag-exporter (softwaremill) has beside.

#include <algorithm>
#include <chrono>

#include "exposition/compat_rendering.h"

namespace backlogd::exposition {
namespace {

using analysis::GroupReport;
using analysis::GroupTopicReport;
using analysis::PairReport;
using analysis::PartitionReport;
using Level = DetailLevels::Level;

// Its word where a partition has no member. Here for every partition: a member's id changes with
// each restart, and each change would make new series.
constexpr PairLines kNoMember = {
    Level::kPartition, R"(",member_host="unknown",consumer_id="unknown",client_id="unknown"} )"};
constexpr PairLines kFull = {Level::kFull, "\"} "};
constexpr double kPercent = 100;
constexpr double kMilliseconds = 1000;

// NaN for what is not known of a group that has commits; no series without any.
template <typename Value>
void RenderGroups(PeerRendering& p, std::string_view family, Value value) {
  const auto has_commits = [&p](const GroupReport& group) {
    const auto reads = std::span(p.r.report.group_topics).subspan(group.first_topic);
    return std::ranges::any_of(reads.first(group.topic_count),
                               [](const GroupTopicReport& read) { return read.pair_count > 0; });
  };
  std::string start = BeginPeerLines(p, family);
  const std::size_t head = start.size();
  for (std::size_t i = 0; i < p.r.report.groups.size(); ++i) {
    const GroupReport& group = p.r.report.groups[i];
    if (!has_commits(group)) continue;
    start.resize(head);
    AppendLabel(start, p.groups[i]);
    EndPeerLine(p, start, value(group));
  }
}

void RenderLags(PeerRendering& p) {
  PeerPairs(
      p, "kafka_consumergroup_group_offset",
      [](const PairReport& pair) { return OrNan(pair.committed); }, kNoMember);
  PeerPairs(
      p, "kafka_consumergroup_group_lag", [](const PairReport& pair) { return OrNan(pair.lag); },
      kNoMember);
  PeerPairs(
      p, "kafka_consumergroup_group_lag_seconds",
      [](const PairReport& pair) { return SecondsOrNan(pair.lag_ms); }, kNoMember);
  RenderGroups(p, "kafka_consumergroup_group_max_lag",
               [](const GroupReport& group) { return OrNan(group.max_lag); });
  RenderGroups(p, "kafka_consumergroup_group_max_lag_seconds",
               [](const GroupReport& group) { return SecondsOrNan(group.lag_ms); });
  RenderGroups(p, "kafka_consumergroup_group_sum_lag",
               [](const GroupReport& group) { return OrNan(group.lag); });
  const auto sum = [&p](const std::string& start, const GroupTopicReport& read) {
    if (read.pair_count > 0) EndPeerLine(p, start, OrNan(read.lag));
  };
  PeerReads(p, "kafka_consumergroup_group_topic_sum_lag", Level::kTopic, sum);
}

void RenderPollTime(PeerRendering& p) {
  std::chrono::duration<double> time{0};
  for (const snapshot::StepResult& step : p.r.report.steps) time += step.duration;
  PeerLine(p, "kafka_consumergroup_poll_time_ms", "", std::floor(time.count() * kMilliseconds));
}

// In the order of the states: 0 unknown, 1 PreparingRebalance, ... 5 Empty.
void RenderStates(PeerRendering& p) {
  PeerGroups(p, "kafka_consumergroup_group_state", [](const GroupReport& group) {
    return group.state ? static_cast<std::int64_t>(group.state->state) : analysis::kUnknown;
  });
}

const PartitionReport* FindLog(std::span<const PartitionReport> logs, kafka::PartitionId wanted) {
  const auto log = std::ranges::lower_bound(logs, wanted, {}, &PartitionReport::partition);
  return log != logs.end() && log->partition == wanted ? &*log : nullptr;
}

// `value(log, pair)` where the pair's commit and both ends of its log are known.
template <typename Value>
void RenderRetention(PeerRendering& p, std::string_view family, Value value) {
  const auto write = [&](std::string& start, const GroupTopicReport& read) {
    const auto logs = PartitionsOf(p.r.report, p.r.report.topics[read.topic]);
    const auto number = [&](const PairReport& pair) -> std::optional<double> {
      const PartitionReport* log = FindLog(logs, pair.partition);
      if (log == nullptr || pair.committed < 0 || log->start < 0 || log->end < 0) return {};
      return value(*log, pair);
    };
    start += p.partition;
    RenderPartitionLines(p.r.out, start, PairsOf(p.r.report, read), number);
  };
  PeerReads(p, family, kFull.least, write);
}

double Lost(const PartitionReport& log, const PairReport& pair) {
  return static_cast<double>(std::max<std::int64_t>(0, log.start - pair.committed));
}
double Margin(const PartitionReport& log, const PairReport& pair) {
  return static_cast<double>(pair.committed - log.start);
}
double Ratio(const PartitionReport& log, const PairReport& pair) {
  if (log.end <= log.start) return 0;
  const std::int64_t lag = std::max<std::int64_t>(0, log.end - pair.committed);
  return static_cast<double>(lag) / static_cast<double>(log.end - log.start) * kPercent;
}

void RenderUpdate(PeerRendering& p) {
  p.r.out.BeginFamily("kafka_lag_exporter_up");
  p.r.out.Line(p.unlabelled, std::int64_t{p.r.report.up});
  if (p.r.report.data_time == WallTime{}) return;
  const std::chrono::duration<double> since_epoch = p.r.report.data_time.time_since_epoch();
  PeerLine(p, "kafka_lag_exporter_last_update_timestamp_seconds", "", since_epoch.count());
}

}  // namespace

void RenderKafkaLagExporter(PeerRendering p) {
  if (p.r.report.has_data) {
    PeerPartitions(p, "kafka_partition_latest_offset",
                   [](const PartitionReport& one) { return one.end; });
    PeerPartitions(p, "kafka_partition_earliest_offset",
                   [](const PartitionReport& one) { return one.start; });
    RenderLags(p);
    RenderPollTime(p);
    RenderStates(p);
    RenderRetention(p, "kafka_consumergroup_group_messages_lost", Lost);
    RenderRetention(p, "kafka_consumergroup_group_retention_margin", Margin);
    RenderRetention(p, "kafka_consumergroup_group_lag_retention_ratio", Ratio);
  }
  RenderUpdate(p);
}

}  // namespace backlogd::exposition
