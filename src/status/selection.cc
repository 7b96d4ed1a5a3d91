#include "status/selection.h"

#include <algorithm>
#include <cctype>
#include <tuple>

namespace backlogd::status {
namespace {

using analysis::DeadLetterReport;
using analysis::GroupReport;
using analysis::kUnknown;
using analysis::LagReport;
using analysis::TopicReport;

bool EqualsWithoutCase(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

bool Contains(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(), EqualsWithoutCase) !=
         text.end();
}

// What rows are ordered by: the first that differs decides; kUnknown comes last.
struct Order {
  std::int64_t first = kUnknown;
  std::int64_t second = kUnknown;
  std::int64_t third = kUnknown;
};

std::int64_t Milli(const std::optional<double>& value) {
  return value ? static_cast<std::int64_t>(*value * 1000) : kUnknown;
}

// Worst first: by status, then by delay, then by lag.
Order WorstFirst(const GroupReport& group) {
  const std::int64_t status = group.status ? static_cast<std::int64_t>(*group.status) : kUnknown;
  return {status, group.lag_ms, group.lag};
}

Order OrderOf(const GroupRow& row, std::string_view sort) {
  const GroupReport& group = *row.report;
  if (sort == "delay") return {group.lag_ms, group.lag};
  if (sort == "lag") return {group.lag, group.lag_ms};
  if (sort == "drain") return {group.drain_ms, group.lag_ms};
  if (sort == "headroom") return {group.headroom_ms, group.lag_ms};
  if (sort == "inflow") return {Milli(group.inflow), group.lag};
  if (sort == "members") return {group.members, group.lag_ms};
  if (sort == "severity") return WorstFirst(group);
  return {};
}

Order OrderOf(const TopicRow& row, std::string_view sort) {
  const TopicReport& topic = *row.report;
  if (sort == "retained") return {topic.retained_records};
  if (sort == "partitions") return {topic.partition_count};
  if (sort == "groups") return {topic.groups};
  if (sort == "trouble") {
    return {topic.partitions_without_leader, topic.partitions_under_replicated,
            topic.retained_records};
  }
  return {};
}

Order OrderOf(const DeadLetterRow& row, std::string_view sort) {
  const DeadLetterReport& report = *row.report;
  if (sort == "retained") return {report.retained};
  if (sort == "records") return {report.records};
  if (sort == "expired") return {report.expired, Pending(report)};
  if (sort == "pending") return {Pending(report), report.retained};
  return {};
}

const std::string& NameOf(const GroupRow& row) { return row.report->name; }
const std::string& NameOf(const TopicRow& row) { return row.report->name; }
const std::string& NameOf(const DeadLetterRow& row) { return TopicName(row); }

// The one that is known, or, of two, the larger one (or the smaller one).
bool Before(std::int64_t a, std::int64_t b, bool ascending) {
  if (a == kUnknown || b == kUnknown) return b == kUnknown && a != kUnknown;
  return ascending ? a < b : a > b;
}

struct Entry {
  Order order;
  std::size_t place = 0;  // in the order of clusters and names
};

bool Before(const Entry& a, const Entry& b, bool ascending) {
  for (const auto& key : {&Order::first, &Order::second, &Order::third}) {
    if (a.order.*key != b.order.*key) return Before(a.order.*key, b.order.*key, ascending);
  }
  return a.place < b.place;
}

// Sorts no further than the asked part reaches.
template <typename Report>
Rows<Report> Part(const std::vector<Row<Report>>& all, const ListQuery& query) {
  std::vector<Entry> entries;
  entries.reserve(all.size());
  for (const Row<Report>& row : all) entries.push_back({OrderOf(row, query.sort), entries.size()});
  const std::size_t begin = std::min(query.offset, all.size());
  const std::size_t end = begin + std::min(query.limit, all.size() - begin);
  // Of a list by name the order is that of the places, either way.
  if (query.sort == "name" && !query.ascending) std::reverse(entries.begin(), entries.end());
  const auto before = [&](const Entry& a, const Entry& b) { return Before(a, b, query.ascending); };
  if (query.sort != "name") {
    std::partial_sort(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(end),
                      entries.end(), before);
  }
  Rows<Report> part{all.size(), {}};
  for (std::size_t i = begin; i < end; ++i) part.rows.push_back(all[entries[i].place]);
  return part;
}

template <typename Report>
void SortByName(std::vector<Row<Report>>& rows) {
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return NameOf(a) < NameOf(b); });
}

template <typename Report>
using ListMember = std::vector<Report> LagReport::*;

template <typename Report, typename Fits>
Rows<Report> Select(const View& view, ListMember<Report> list, const ListQuery& query, Fits fits) {
  std::vector<Row<Report>> all;
  for (const ClusterView& cluster : view.clusters) {
    const bool asked = query.cluster.empty() || query.cluster == cluster.name;
    if (!asked || cluster.report == nullptr) continue;
    for (const Report& report : (*cluster.report).*list) {
      const Row<Report> row{&cluster, &report};
      const bool found = query.search.empty() || Contains(NameOf(row), query.search);
      if (found && fits(row)) all.push_back(row);
    }
  }
  if (query.sort == "name") SortByName(all);
  return Part(all, query);
}

bool HasStatus(const GroupReport& group, std::string_view status) {
  if (status.empty()) return true;
  return (group.status ? ToText(*group.status) : "unknown") == status;
}

const analysis::PartitionReport* FindLog(const LagReport& report,
                                         const analysis::TopicReport& topic,
                                         kafka::PartitionId partition) {
  const auto begin = report.partitions.begin() + topic.first_partition;
  const auto end = begin + topic.partition_count;
  const auto found = std::lower_bound(
      begin, end, partition, [](const auto& log, auto wanted) { return log.partition < wanted; });
  return found == end || found->partition != partition ? nullptr : &*found;
}

}  // namespace

const ListRules& GroupRules() {
  static const ListRules rules{
      {"severity", "name", "delay", "lag", "drain", "headroom", "inflow", "members"},
      {"cluster", "status", "search"}};
  return rules;
}

const ListRules& TopicRules() {
  static const ListRules rules{{"trouble", "name", "retained", "partitions", "groups"},
                               {"cluster", "search"}};
  return rules;
}

const ListRules& DeadLetterRules() {
  static const ListRules rules{{"pending", "name", "retained", "records", "expired"},
                               {"cluster", "search"}};
  return rules;
}

Rows<GroupReport> SelectGroups(const View& view, const ListQuery& query) {
  const auto fits = [&](const GroupRow& row) { return HasStatus(*row.report, query.status); };
  return Select(view, &LagReport::groups, query, fits);
}

Rows<TopicReport> SelectTopics(const View& view, const ListQuery& query) {
  const auto fits = [](const TopicRow&) { return true; };
  return Select(view, &LagReport::topics, query, fits);
}

Rows<DeadLetterReport> SelectDeadLetters(const View& view, const ListQuery& query) {
  const auto fits = [](const DeadLetterRow&) { return true; };
  return Select(view, &LagReport::dead_letters, query, fits);
}

std::size_t ShownOffset(const ListQuery& query, std::size_t total) {
  if (query.offset < total || total == 0) return std::min(query.offset, total);
  return (total - 1) / query.limit * query.limit;
}

bool IsKnown(const View& view, std::string_view cluster) {
  const auto is_known = [cluster](const ClusterView& seen) {
    const bool asked = cluster.empty() || cluster == seen.name;
    return asked && seen.report != nullptr && seen.report->has_data;
  };
  return std::any_of(view.clusters.begin(), view.clusters.end(), is_known);
}

const ClusterView* FindCluster(const View& view, std::string_view name) {
  const auto found = std::find_if(view.clusters.begin(), view.clusters.end(),
                                  [&](const auto& cluster) { return cluster.name == name; });
  return found == view.clusters.end() ? nullptr : &*found;
}

const GroupReport* FindGroup(const ClusterView& cluster, std::string_view name) {
  if (cluster.report == nullptr) return nullptr;
  const std::vector<GroupReport>& groups = cluster.report->groups;
  const auto found =
      std::lower_bound(groups.begin(), groups.end(), name,
                       [](const auto& group, auto wanted) { return group.name < wanted; });
  return found == groups.end() || found->name != name ? nullptr : &*found;
}

const std::string& TopicName(const DeadLetterRow& row) {
  return row.cluster->report->topics[row.report->topic].name;
}

std::int64_t Pending(const DeadLetterReport& report) {
  std::int64_t most = kUnknown;
  for (const analysis::PendingReport& pending : report.pending) {
    if (pending.records == kUnknown) return kUnknown;
    most = std::max(most, pending.records);
  }
  return most;
}

std::vector<PairRow> PairsOf(const ClusterView& cluster, const GroupReport& group) {
  const LagReport& report = *cluster.report;
  std::vector<PairRow> rows;
  for (std::uint32_t t = 0; t < group.topic_count; ++t) {
    const analysis::GroupTopicReport& read = report.group_topics[group.first_topic + t];
    const TopicReport& topic = report.topics[read.topic];
    for (std::uint32_t p = 0; p < read.pair_count; ++p) {
      const analysis::PairReport& pair = report.pairs[read.first_pair + p];
      rows.push_back({&topic, FindLog(report, topic, pair.partition), &pair});
    }
  }
  std::stable_sort(rows.begin(), rows.end(), [](const PairRow& a, const PairRow& b) {
    return std::tie(a.pair->lag_ms, a.pair->lag) > std::tie(b.pair->lag_ms, b.pair->lag);
  });
  return rows;
}

StatusCounts CountStatuses(const ClusterView& cluster) {
  StatusCounts counts{};
  if (cluster.report == nullptr) return counts;
  for (const GroupReport& group : cluster.report->groups) {
    ++counts[group.status ? static_cast<std::size_t>(*group.status) : analysis::kStatusCount];
  }
  return counts;
}

}  // namespace backlogd::status
