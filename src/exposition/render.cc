#include "exposition/render.h"

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "exposition/labels.h"
#include "exposition/rendering.h"
#include "exposition/sample_writer.h"
#include "exposition/series_budget.h"

namespace backlogd::exposition {
namespace {

using analysis::LagReport;
using analysis::PartitionReport;
using analysis::TopicReport;
using Level = DetailLevels::Level;

constexpr std::int64_t kPerSecond = 1000;
constexpr std::chrono::milliseconds kUnlimited{-1};  // no line

double Seconds(WallTime time) {
  return static_cast<double>(time.time_since_epoch().count()) / kPerSecond;
}

void RenderUp(Rendering& r) {
  r.out.BeginFamily("backlogd_up");
  r.out.Line(r.cluster, std::int64_t{r.report.up});
}

void RenderCluster(Rendering& r) {
  r.out.BeginFamily("backlogd_cluster_info");
  if (!r.report.cluster_id.empty()) {
    r.out.Line(r.cluster + "," + Label("cluster_id", r.report.cluster_id), std::int64_t{1});
  }
  r.out.BeginFamily("backlogd_brokers");
  r.out.Line(r.cluster, static_cast<std::int64_t>(r.report.brokers.size()));
  r.out.BeginFamily("backlogd_broker_info");
  for (const kafka::Broker& broker : r.report.brokers) {
    r.out.Line(r.cluster + "," + Label("broker", std::to_string(broker.id)) + "," +
                   Label("address", AddressOf(broker)) + "," + Label("rack", broker.rack),
               std::int64_t{1});
  }
}

template <typename Value>
void RenderTopics(Rendering& r, std::string_view family, Value value) {
  RenderEach(r, family, r.report.topics, r.topics, value);
}

void RenderTopicFamilies(Rendering& r) {
  RenderTopics(r, "backlogd_topic_partitions",
               [](const TopicReport& t) { return std::int64_t{t.partition_count}; });
  RenderTopics(r, "backlogd_topic_partitions_without_leader",
               [](const TopicReport& t) { return std::int64_t{t.partitions_without_leader}; });
  RenderTopics(r, "backlogd_topic_partitions_under_replicated",
               [](const TopicReport& t) { return std::int64_t{t.partitions_under_replicated}; });
  RenderTopics(r, "backlogd_topic_retained_records",
               [](const TopicReport& t) { return t.retained_records; });
  RenderTopics(r, "backlogd_topic_records_produced_total",
               [](const TopicReport& t) { return t.records_produced; });
  RenderTopics(r, "backlogd_topic_retention_seconds",
               [](const TopicReport& t) { return t.retention.value_or(kUnlimited); });
  RenderTopics(r, "backlogd_topic_groups", [](const TopicReport& t) { return t.groups; });
}

void RenderPartitions(Rendering& r, std::string_view family,
                      Member<std::int64_t, PartitionReport> value) {
  const std::string head = BeginLines(r, family);
  const std::span all(r.report.partitions);
  std::string start;
  for (std::size_t i = 0; i < r.report.topics.size(); ++i) {
    if (r.topic_levels[i] < Level::kPartition) continue;
    const TopicReport& topic = r.report.topics[i];
    start.assign(head).append(r.topics[i]).append(",partition=\"");
    RenderPartitionLines(r.out, start, all.subspan(topic.first_partition, topic.partition_count),
                         [value](const PartitionReport& p) { return p.*value; });
  }
}

void RenderPartitionFamilies(Rendering& r) {
  RenderPartitions(r, "backlogd_partition_log_start_offset", &PartitionReport::start);
  RenderPartitions(r, "backlogd_partition_log_end_offset", &PartitionReport::end);
  RenderPartitions(r, "backlogd_partition_last_stable_offset", &PartitionReport::last_stable);
}

std::string StepLabels(const Rendering& r, int step) {
  return r.cluster + "," + Label("step", ToText(static_cast<snapshot::Step>(step)));
}

void RenderSteps(Rendering& r) {
  r.out.BeginFamily("backlogd_poll_step_duration_seconds");
  for (int i = 0; i < snapshot::kStepCount; ++i) {
    const snapshot::StepResult& step = r.report.steps[static_cast<std::size_t>(i)];
    if (step.ran) r.out.Line(StepLabels(r, i), step.duration.count());
  }
  r.out.BeginFamily("backlogd_poll_step_success");
  for (int i = 0; i < snapshot::kStepCount; ++i) {
    const snapshot::StepResult& step = r.report.steps[static_cast<std::size_t>(i)];
    r.out.Line(StepLabels(r, i), std::int64_t{step.ran && step.success});
  }
}

void RenderDropped(Rendering& r) {
  r.out.BeginFamily("backlogd_series_dropped");
  for (std::size_t i = 0; i < r.dropped.size(); ++i) {
    const std::string_view level = ToText(static_cast<Droppable>(i));
    r.out.Line(r.cluster + "," + Label("level", level), static_cast<std::int64_t>(r.dropped[i]));
  }
}

// The self families that are a fact of this one poll; what counts over polls is SelfMetrics'.
void RenderPoll(Rendering& r) {
  RenderSteps(r);
  r.out.BeginFamily("backlogd_snapshot_timestamp_seconds");
  if (r.report.data_time != WallTime{}) r.out.Line(r.cluster, Seconds(r.report.data_time));
  r.out.BeginFamily("backlogd_carried_values");
  if (r.report.has_data) {
    r.out.Line(r.cluster, static_cast<std::int64_t>(r.report.carried_values));
  }
  r.out.BeginFamily("backlogd_kafka_throttle_seconds");
  for (const kafka::BrokerStatistics& broker : r.report.client_statistics) {
    r.out.Line(r.cluster + "," + Label("broker", std::to_string(broker.broker)),
               broker.throttle_seconds);
  }
  RenderDropped(r);
}

}  // namespace

Rendering::Rendering(const LagReport& from, std::string_view kafka_cluster,
                     const DetailLevels& levels_of, Samples& to)
    : report(from),
      detail(levels_of),
      out(to),
      cluster(Label("kafka_cluster", kafka_cluster)),
      topics("topic", Names(from.topics)),
      groups("group", Names(from.groups)),
      levels(from.group_topics.size()) {
  for (const TopicReport& topic : from.topics) topic_levels.push_back(detail.ForTopic(topic.name));
  for (const analysis::GroupReport& group : from.groups) {
    for (std::size_t i = group.first_topic; i < group.first_topic + group.topic_count; ++i) {
      levels[i] = detail.For(group.name, from.topics[from.group_topics[i].topic].name);
    }
  }
}

std::string AddressOf(const kafka::Broker& broker) {
  const bool v6 = broker.host.find(':') != std::string::npos;
  return (v6 ? "[" + broker.host + "]" : broker.host) + ":" + std::to_string(broker.port);
}

std::string BeginLines(Rendering& r, std::string_view family) {
  r.out.BeginFamily(family);
  return std::string(family) + "{" + r.cluster;
}

void Render(const LagReport& report, std::string_view kafka_cluster, const DetailLevels& detail,
            Samples& out, const Compatibility& compatibility) {
  Rendering r(report, kafka_cluster, detail, out);
  if (report.has_data) KeepToBudget(compatibility, r);
  out.dropped = r.dropped;
  RenderUp(r);
  if (report.has_data) {
    RenderCluster(r);
    RenderTopicFamilies(r);
    RenderPartitionFamilies(r);
    RenderGroupFamilies(r);
    RenderDeadLetterFamilies(r);
  }
  RenderPoll(r);
  RenderPeers(r, compatibility, kafka_cluster);
  r.out.Finish();
}

}  // namespace backlogd::exposition
