#pragma once

#include <span>
#include <string_view>

namespace backlogd::exposition {

enum class MetricType { kGauge, kCounter, kHistogram, kSummary, kInfo };

// One metric family. `name` is the full name as a sample carries it ("..._total" for counters,
// "..._info" for infos); `labels` in the order in which they are written.
struct MetricSpec {
  std::string_view name;
  MetricType type = MetricType::kGauge;
  std::string_view help;  // one sentence: meaning, unit, when it is absent
  std::span<const std::string_view> labels;
};

// Every family that backlogd serves under a name of its own, in the order in which the page shows
// them: cluster, topic, topic partition, group, group and topic, group topic partition, dead
// letters, self. docs/metrics.md is generated from it; dashboards and rules may use no other name.
std::span<const MetricSpec> Catalog();

// Catalog(), and after it what can be served under the names of other exporters.
std::span<const MetricSpec> WholeCatalog();

// REQUIRES: `name` is in the whole catalog
const MetricSpec& FindMetric(std::string_view name);

}  // namespace backlogd::exposition
