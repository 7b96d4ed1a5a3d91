#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/lag_report.h"
#include "status/board.h"
#include "status/parameters.h"

namespace backlogd::status {

// A row of a list: what it is about, and the cluster that it is of. Valid as long as the view.
template <typename Report>
struct Row {
  const ClusterView* cluster = nullptr;
  const Report* report = nullptr;
};
using GroupRow = Row<analysis::GroupReport>;
using TopicRow = Row<analysis::TopicReport>;
using DeadLetterRow = Row<analysis::DeadLetterReport>;

template <typename Report>
struct Rows {
  std::size_t total = 0;          // that the filters let through
  std::vector<Row<Report>> rows;  // the asked part of them, in order
};

// What the lists can be asked for; the first sort is the default.
const ListRules& GroupRules();
const ListRules& TopicRules();
const ListRules& DeadLetterRules();

// The query's offset, or that of the last page of `total` rows if it is beyond them.
std::size_t ShownOffset(const ListQuery& query, std::size_t total);

// Unknown values come last, whatever the order; equal ones in the order of clusters and names.
Rows<analysis::GroupReport> SelectGroups(const View& view, const ListQuery& query);
Rows<analysis::TopicReport> SelectTopics(const View& view, const ListQuery& query);
Rows<analysis::DeadLetterReport> SelectDeadLetters(const View& view, const ListQuery& query);

// The same, but of the last rows if the offset is beyond them; it is set to what is shown.
template <typename Select>
auto SelectShown(const View& view, ListQuery& query, Select select) {
  auto rows = select(view, query);
  if (rows.total <= query.offset && rows.total > 0) {
    query.offset = ShownOffset(query, rows.total);
    rows = select(view, query);
  }
  return rows;
}

// Whether anything is known of the cluster of that name; of any one if it is empty.
bool IsKnown(const View& view, std::string_view cluster);

const ClusterView* FindCluster(const View& view, std::string_view name);
// Null if there is none of that name, or the cluster has no data.
const analysis::GroupReport* FindGroup(const ClusterView& cluster, std::string_view name);

// The name of the queue's topic.
const std::string& TopicName(const DeadLetterRow& row);
// The most that one of the queue's handlers has before it; kUnknown if one is not known.
std::int64_t Pending(const analysis::DeadLetterReport& report);

// A group's position in a partition, with its topic.
struct PairRow {
  const analysis::TopicReport* topic = nullptr;
  const analysis::PartitionReport* log = nullptr;  // null if the partition is not known
  const analysis::PairReport* pair = nullptr;
};
// All partitions of a group, those of the worst delay first.
std::vector<PairRow> PairsOf(const ClusterView& cluster, const analysis::GroupReport& group);

// How many groups have which status; the last is of those whose status is not known.
using StatusCounts = std::array<std::size_t, analysis::kStatusCount + 1>;
StatusCounts CountStatuses(const ClusterView& cluster);

}  // namespace backlogd::status
