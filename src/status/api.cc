#include "status/api.h"

#include "status/api_parts.h"

namespace backlogd::status {
namespace {

using analysis::LagReport;

Language LanguageOf(const Parameters& parameters) {
  return ChooseLanguage(Find(parameters, "lang"), "");
}

// "total", "limit", "offset", then the rows under `name`.
template <typename Report, typename Write>
std::string ListJson(std::string_view name, const Rows<Report>& rows, const ListQuery& query,
                     bool known, Write write) {
  JsonWriter json;
  json.BeginObject().Key("total");
  if (known) {
    json.Count(rows.total);
  } else {
    json.Null();
  }
  json.Key("limit").Count(query.limit).Key("offset").Count(query.offset);
  json.Key(name).BeginArray();
  for (const Row<Report>& row : rows.rows) {
    json.BeginObject();
    write(row, json);
    json.EndObject();
  }
  json.EndArray().EndObject();
  return json.Take();
}

// A query that asks for a cluster that there is, or the answer that says what is wrong.
Result<ListQuery> ParseQuery(const View& view, const Parameters& parameters,
                             const ListRules& rules) {
  Result<ListQuery> query = ParseListQuery(parameters, rules);
  if (query && !query->cluster.empty() && FindCluster(view, query->cluster) == nullptr) {
    return Error{ErrorKind::kOther, "cluster: there is none of this name; see /api/v1/clusters"};
  }
  return query;
}

void WriteStatusCounts(const ClusterView& cluster, JsonWriter& json) {
  const StatusCounts counts = CountStatuses(cluster);
  json.BeginObject();
  for (int i = 0; i < analysis::kStatusCount; ++i) {
    json.Key(ToText(static_cast<analysis::Status>(i))).Count(counts[static_cast<std::size_t>(i)]);
  }
  json.Key("unknown").Count(counts.back()).EndObject();
}

void WriteContents(const ClusterView& cluster, JsonWriter& json) {
  const LagReport& report = *cluster.report;
  std::uint64_t leaderless = 0;
  std::uint64_t under_replicated = 0;
  for (const analysis::TopicReport& topic : report.topics) {
    leaderless += topic.partitions_without_leader;
    under_replicated += topic.partitions_under_replicated;
  }
  json.Key("cluster_id").TextOrNull(report.cluster_id);
  json.Key("brokers").Count(report.brokers.size());
  json.Key("topics").Count(report.topics.size());
  json.Key("partitions").Count(report.partitions.size());
  json.Key("partitions_without_leader").Count(leaderless);
  json.Key("partitions_under_replicated").Count(under_replicated);
  json.Key("groups").Count(report.groups.size());
  json.Key("groups_by_status");
  WriteStatusCounts(cluster, json);
}

void WriteNoContents(JsonWriter& json) {
  for (const char* key :
       {"cluster_id", "brokers", "topics", "partitions", "partitions_without_leader",
        "partitions_under_replicated", "groups", "groups_by_status"}) {
    json.Key(key).Null();
  }
}

void WriteCluster(const ClusterView& cluster, JsonWriter& json) {
  const LagReport* report = cluster.report.get();
  json.BeginObject().Key("cluster").Text(cluster.name);
  json.Key("has_data").Bool(report != nullptr && report->has_data);
  json.Key("up");
  if (report == nullptr) {
    json.Null().Key("polled_at").Null().Key("data_at").Null().Key("poll_duration_seconds").Null();
  } else {
    json.Bool(report->up).Key("polled_at").Time(report->taken_at);
    json.Key("data_at").Time(report->data_time);
    json.Key("poll_duration_seconds").Number(cluster.poll_duration.count());
  }
  if (report != nullptr && report->has_data) {
    WriteContents(cluster, json);
  } else {
    WriteNoContents(json);
  }
  json.EndObject();
}

void WriteTopic(const TopicRow& row, JsonWriter& json) {
  const analysis::TopicReport& topic = *row.report;
  json.Key("cluster").Text(row.cluster->name).Key("topic").Text(topic.name);
  json.Key("partitions").Count(topic.partition_count);
  json.Key("partitions_without_leader").Count(topic.partitions_without_leader);
  json.Key("partitions_under_replicated").Count(topic.partitions_under_replicated);
  json.Key("retained_records").Known(topic.retained_records);
  json.Key("produced_records").Known(topic.records_produced);
  json.Key("retention_seconds").Seconds(topic.retention ? topic.retention->count() : -1);
  json.Key("groups").Known(topic.groups);
}

void WriteHandling(const analysis::DeadLetterReport& report, JsonWriter& json) {
  json.Key("pending").BeginArray();
  for (const analysis::PendingReport& pending : report.pending) {
    json.BeginObject().Key("group").TextOrNull(pending.group);
    json.Key("records").Known(pending.records).EndObject();
  }
  json.EndArray().Key("handled_records");
  if (!report.handled_known) {
    json.Null();
    return;
  }
  json.BeginObject();
  for (std::size_t i = 0; i < report.handled.size(); ++i) {
    json.Key(analysis::ActionAt(i)).Count(report.handled[i]);
  }
  json.EndObject();
}

void WriteReasons(const analysis::DeadLetterReport& report, JsonWriter& json) {
  json.Key("reasons").BeginArray();
  for (const analysis::ClassifiedReport& classified : report.classified) {
    json.BeginObject().Key("source_topic").TextOrNull(classified.source_topic);
    for (std::size_t i = 0; i < classified.records.size(); ++i) {
      json.Key(analysis::ReasonAt(i)).Count(classified.records[i]);
    }
    json.EndObject();
  }
  json.EndArray();
}

void WriteDeadLetters(const DeadLetterRow& row, JsonWriter& json) {
  const analysis::DeadLetterReport& report = *row.report;
  json.Key("cluster").Text(row.cluster->name).Key("topic").Text(TopicName(row));
  json.Key("source_topic").TextOrNull(report.source_topic);
  json.Key("group").TextOrNull(report.group);
  json.Key("convention").TextOrNull(report.convention);
  json.Key("retained_records").Known(report.retained);
  json.Key("pending_records").Known(Pending(report));
  json.Key("received_records").Known(report.records);
  json.Key("expired_records").Known(report.expired);
  json.Key("oldest_pending_at").Time(report.oldest);
  WriteHandling(report, json);
  WriteReasons(report, json);
}

}  // namespace

JsonAnswer ErrorJson(int status, std::string_view message) {
  JsonWriter json;
  json.BeginObject().Key("error").Text(message).EndObject();
  return {status, json.Take()};
}

JsonAnswer ClustersJson(const View& view, const Parameters& parameters) {
  if (const auto wrong = RefuseParameters(parameters)) return ErrorJson(400, wrong->message);
  JsonWriter json;
  json.BeginObject().Key("total").Count(view.clusters.size()).Key("clusters").BeginArray();
  for (const ClusterView& cluster : view.clusters) WriteCluster(cluster, json);
  json.EndArray().EndObject();
  return {200, json.Take()};
}

JsonAnswer GroupsJson(const View& view, const Parameters& parameters) {
  const Result<ListQuery> query = ParseQuery(view, parameters, GroupRules());
  if (!query) return ErrorJson(400, query.error().message);
  const auto write = [language = LanguageOf(parameters)](const GroupRow& row, JsonWriter& json) {
    WriteGroup(row, language, json);
  };
  return {200, ListJson("groups", SelectGroups(view, *query), *query, IsKnown(view, query->cluster),
                        write)};
}

JsonAnswer TopicsJson(const View& view, const Parameters& parameters) {
  const Result<ListQuery> query = ParseQuery(view, parameters, TopicRules());
  if (!query) return ErrorJson(400, query.error().message);
  return {200, ListJson("topics", SelectTopics(view, *query), *query, IsKnown(view, query->cluster),
                        WriteTopic)};
}

JsonAnswer DeadLettersJson(const View& view, const Parameters& parameters) {
  const Result<ListQuery> query = ParseQuery(view, parameters, DeadLetterRules());
  if (!query) return ErrorJson(400, query.error().message);
  return {200, ListJson("dead_letters", SelectDeadLetters(view, *query), *query,
                        IsKnown(view, query->cluster), WriteDeadLetters)};
}

}  // namespace backlogd::status
