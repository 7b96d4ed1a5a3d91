// The answers about one group, and about the daemon.

#include <algorithm>

#include "status/api_parts.h"

namespace backlogd::status {
namespace {

constexpr std::size_t kMaxPartitions = 10'000;  // of one answer

const ListRules& PartitionRules() {
  static const ListRules rules{{}, {"cluster", "name"}, 1'000, kMaxPartitions};
  return rules;
}

void WriteStatus(const std::optional<analysis::Status>& status, JsonWriter& json) {
  json.Key("status");
  if (status) {
    json.Text(ToText(*status));
  } else {
    json.Null();
  }
}

void WriteCause(const analysis::GroupReport& group, Language language, JsonWriter& json) {
  json.Key("cause");
  if (!group.cause) {
    json.Null().Key("advice").Null();
    return;
  }
  json.Text(ToText(*group.cause));
  json.Key("advice").Text(WordsOf(*group.cause).advice.In(language));
}

void WriteTopics(const ClusterView& cluster, const analysis::GroupReport& group, JsonWriter& json) {
  json.Key("topics").BeginArray();
  for (std::uint32_t i = 0; i < group.topic_count; ++i) {
    const analysis::GroupTopicReport& read = cluster.report->group_topics[group.first_topic + i];
    json.BeginObject().Key("topic").Text(cluster.report->topics[read.topic].name);
    json.Key("partitions").Count(read.pair_count);
    json.Key("lag_records").Known(read.lag).Key("lag_seconds").Seconds(read.lag_ms);
    json.Key("consumed_records").Known(read.records_consumed);
    json.Key("lost_records").Known(read.lost_records);
    json.Key("uncommitted_partitions").Known(read.uncommitted_partitions).EndObject();
  }
  json.EndArray();
}

void WritePair(const PairRow& row, JsonWriter& json) {
  json.BeginObject().Key("topic").Text(row.topic->name);
  json.Key("partition").Known(row.pair->partition);
  json.Key("committed_offset").Known(row.pair->committed);
  json.Key("log_start_offset").Known(row.log == nullptr ? analysis::kUnknown : row.log->start);
  json.Key("log_end_offset").Known(row.log == nullptr ? analysis::kUnknown : row.log->end);
  json.Key("lag_records").Known(row.pair->lag);
  json.Key("readable_lag_records").Known(row.pair->effective_lag);
  json.Key("lag_seconds").Seconds(row.pair->lag_ms);
  WriteStatus(row.pair->status, json);
  json.EndObject();
}

void WritePartitions(const GroupRow& row, const ListQuery& query, JsonWriter& json) {
  const std::vector<PairRow> pairs = PairsOf(*row.cluster, *row.report);
  const std::size_t begin = std::min(query.offset, pairs.size());
  const std::size_t end = begin + std::min(query.limit, pairs.size() - begin);
  json.Key("partitions").BeginObject().Key("total").Count(pairs.size());
  json.Key("limit").Count(query.limit).Key("offset").Count(query.offset);
  json.Key("rows").BeginArray();
  for (std::size_t i = begin; i < end; ++i) WritePair(pairs[i], json);
  json.EndArray().EndObject();
}

void WriteHistory(const GroupRow& row, JsonWriter& json) {
  const analysis::GroupReport& group = *row.report;
  json.Key("history").BeginArray();
  for (const TrendPoint& point : row.cluster->trends->Of(
           group.name, {row.cluster->report->data_time, group.lag, group.lag_ms})) {
    json.BeginObject().Key("at").Time(point.at).Key("lag_records").Known(point.lag);
    json.Key("lag_seconds").Seconds(point.lag_ms).EndObject();
  }
  json.EndArray();
}

void WriteSteps(const analysis::LagReport& report, JsonWriter& json) {
  json.Key("steps").BeginArray();
  for (std::size_t i = 0; i < report.steps.size(); ++i) {
    const snapshot::StepResult& step = report.steps[i];
    json.BeginObject().Key("step").Text(ToText(static_cast<snapshot::Step>(i)));
    json.Key("tried").Bool(step.ran).Key("success").Bool(step.success);
    json.Key("duration_seconds").Number(step.duration.count()).EndObject();
  }
  json.EndArray().Key("failures").BeginArray();
  for (const snapshot::Failure& failure : report.failures) {
    json.BeginObject().Key("step").Text(ToText(failure.step));
    json.Key("reason").Text(ToText(failure.kind)).Key("count").Count(failure.count);
    json.Key("example").TextOrNull(failure.example).EndObject();
  }
  json.EndArray();
}

void WritePoll(const ClusterView& cluster, JsonWriter& json) {
  json.BeginObject().Key("cluster").Text(cluster.name);
  if (cluster.report == nullptr) {
    json.Key("polled_at").Null().Key("up").Null().Key("has_data").Bool(false);
    for (const char* key : {"poll_duration_seconds", "carried_values", "steps", "failures"}) {
      json.Key(key).Null();
    }
    json.EndObject();
    return;
  }
  const analysis::LagReport& report = *cluster.report;
  json.Key("polled_at").Time(report.taken_at).Key("up").Bool(report.up);
  json.Key("has_data").Bool(report.has_data);
  json.Key("poll_duration_seconds").Number(cluster.poll_duration.count());
  json.Key("carried_values").Count(report.carried_values);
  WriteSteps(report, json);
  json.EndObject();
}

}  // namespace

void WriteGroup(const GroupRow& row, Language language, JsonWriter& json) {
  const analysis::GroupReport& group = *row.report;
  json.Key("cluster").Text(row.cluster->name).Key("group").Text(group.name);
  WriteStatus(group.status, json);
  WriteCause(group, language, json);
  json.Key("lag_records").Known(group.lag).Key("lag_seconds").Seconds(group.lag_ms);
  json.Key("max_partition_lag_records").Known(group.max_lag);
  json.Key("unknown_partitions").Known(group.unknown_partitions);
  json.Key("drain_seconds").Seconds(group.drain_ms);
  json.Key("headroom_seconds").Seconds(group.headroom_ms);
  json.Key("type").TextOrNull(group.state ? ToText(group.state->type) : "");
  json.Key("state").TextOrNull(group.state ? ToText(group.state->state) : "");
  json.Key("members").Known(group.members).Key("members_needed").Known(group.members_needed);
  json.Key("assigned_partitions").Known(group.assigned_partitions);
  json.Key("inflow_records_per_second").Number(group.inflow);
  json.Key("inflow_baseline_records_per_second").Number(group.inflow_baseline);
  json.Key("consumption_records_per_second").Number(group.consumption);
  json.Key("consumption_baseline_records_per_second").Number(group.consumption_baseline);
  json.Key("member_capacity_records_per_second").Number(group.member_capacity);
  json.Key("last_commit_at").Time(group.last_commit);
}

JsonAnswer GroupJson(const View& view, const Parameters& parameters) {
  const Result<ListQuery> query = ParseListQuery(parameters, PartitionRules());
  if (!query) return ErrorJson(400, query.error().message);
  const std::string_view name = Find(parameters, "name").value_or("");  // "" is one for Kafka
  const auto cluster_name = Find(parameters, "cluster");
  if (!IsGiven(parameters, "name") || !cluster_name)
    return ErrorJson(400, "cluster and name: both are needed");
  const ClusterView* cluster = FindCluster(view, *cluster_name);
  if (cluster == nullptr) {
    return ErrorJson(404, "cluster: there is none of this name; see /api/v1/clusters");
  }
  const analysis::GroupReport* group = FindGroup(*cluster, name);
  if (group == nullptr) return ErrorJson(404, "name: this cluster has no such group now");
  const GroupRow row{cluster, group};
  JsonWriter json;
  json.BeginObject();
  WriteGroup(row, ChooseLanguage(Find(parameters, "lang"), ""), json);
  WriteTopics(*cluster, *group, json);
  WritePartitions(row, *query, json);
  WriteHistory(row, json);
  json.EndObject();
  return {200, json.Take()};
}

JsonAnswer HealthJson(const View& view, const Parameters& parameters) {
  if (const auto wrong = RefuseParameters(parameters)) return ErrorJson(400, wrong->message);
  JsonWriter json;
  json.BeginObject().Key("version").Text(view.daemon.version);
  json.Key("revision").Text(view.daemon.revision);
  json.Key("now").Time(view.now).Key("started_at").Number(view.daemon.start_time_seconds);
  json.Key("resident_memory_bytes").Number(view.daemon.resident_memory_bytes);
  json.Key("cpu_seconds").Number(view.daemon.cpu_seconds);
  json.Key("clusters").BeginArray();
  for (const ClusterView& cluster : view.clusters) WritePoll(cluster, json);
  json.EndArray().EndObject();
  return {200, json.Take()};
}

}  // namespace backlogd::status
