#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace backlogd::sim {

struct TopicBacklog {
  std::optional<double> records;
  std::optional<double> seconds;
};
using Backlogs = std::map<std::string, TopicBacklog, std::less<>>;  // by topic

// Reads backlogd_group_topic_lag_records and backlogd_group_topic_lag_seconds of a page of backlogd
// (Prometheus' text format 0.0.4). `group` empty: the worst of all groups; likewise the worst of
// all clusters on the page. Other lines, and samples that are no numbers, are passed over. Pure.
Backlogs ReadBacklogs(std::string_view page, std::string_view group);

}  // namespace backlogd::sim
