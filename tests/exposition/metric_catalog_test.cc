#include "exposition/metric_catalog.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "exposition/golden.h"

namespace backlogd::exposition {
namespace {

std::set<std::string> Words(std::string_view name) {
  std::set<std::string> words;
  while (!name.empty()) {
    const std::size_t end = std::min(name.find('_'), name.size());
    words.emplace(name.substr(0, end));
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return words;
}

std::string_view TypeWord(MetricType type) {
  switch (type) {
    case MetricType::kGauge: return "gauge";
    case MetricType::kCounter: return "counter";
    case MetricType::kHistogram: return "histogram";
    case MetricType::kSummary: return "summary";
    case MetricType::kInfo: return "info";
  }
  return "";
}

TEST(Catalog, NamesHaveOurPrefixOrAreTheStandardOnesOfAProcess) {
  for (const MetricSpec& spec : Catalog()) {
    EXPECT_TRUE(spec.name.starts_with("backlogd_") || spec.name.starts_with("process_"))
        << spec.name;
    EXPECT_TRUE(std::ranges::all_of(spec.name, [](char c) {
      return c == '_' || (c >= 'a' && c <= 'z');
    })) << spec.name;
  }
}

TEST(Catalog, NamesAreUniqueEvenWithoutWhatTheTypeAdds) {
  std::set<std::string_view> names;
  for (const MetricSpec& spec : Catalog()) {
    std::string_view name = spec.name;
    if (spec.type == MetricType::kCounter) name.remove_suffix(std::string_view("_total").size());
    if (spec.type == MetricType::kInfo) name.remove_suffix(std::string_view("_info").size());
    EXPECT_TRUE(names.insert(name).second) << name;
  }
}

TEST(Catalog, SuffixesSayTheType) {
  for (const MetricSpec& spec : Catalog()) {
    EXPECT_EQ(spec.name.ends_with("_total"), spec.type == MetricType::kCounter) << spec.name;
    EXPECT_EQ(spec.name.ends_with("_info"), spec.type == MetricType::kInfo) << spec.name;
    for (const std::string_view reserved : {"_sum", "_count", "_bucket", "_created"}) {
      EXPECT_FALSE(spec.name.ends_with(reserved)) << spec.name;
    }
  }
}

TEST(Catalog, NamesHaveNoAbbreviatedUnitAndNoType) {
  const std::set<std::string> forbidden = {
      "s",       "ms",    "us",      "ns",        "sec",          "b",       "kb",    "mb",
      "gb",      "m",     "h",       "d",         "milliseconds", "minutes", "hours", "days",
      "percent", "gauge", "counter", "histogram", "summary"};
  for (const MetricSpec& spec : Catalog()) {
    for (const std::string& word : Words(spec.name)) {
      EXPECT_FALSE(forbidden.contains(word)) << spec.name;
    }
  }
}

TEST(Catalog, HelpIsASentence) {
  for (const MetricSpec& spec : Catalog()) {
    ASSERT_FALSE(spec.help.empty()) << spec.name;
    const char first = spec.help.front();
    EXPECT_TRUE((first >= 'A' && first <= 'Z') || (first >= '0' && first <= '9')) << spec.name;
    EXPECT_TRUE(spec.help.ends_with(".")) << spec.name;
    EXPECT_NE(spec.help.find(' '), std::string_view::npos) << spec.name;
  }
}

TEST(Catalog, LabelsStandInTheirOrderAndClashWithNoTargetLabel) {
  constexpr std::array<std::string_view, 4> kFirst = {"kafka_cluster", "group", "topic",
                                                      "partition"};
  const std::set<std::string_view> forbidden = {"cluster", "service",  "instance", "job",
                                                "le",      "quantile", "__name__"};
  for (const MetricSpec& spec : Catalog()) {
    std::size_t least = 0;
    for (const std::string_view label : spec.labels) {
      EXPECT_FALSE(forbidden.contains(label)) << spec.name;
      const auto rank = static_cast<std::size_t>(std::ranges::find(kFirst, label) - kFirst.begin());
      EXPECT_GE(rank, least) << spec.name << " " << label;
      least = rank;
    }
    EXPECT_EQ(std::set(spec.labels.begin(), spec.labels.end()).size(), spec.labels.size())
        << spec.name;
  }
}

TEST(Catalog, NothingOfAClusterIsWithoutItsName) {
  const std::set<std::string_view> of_program = {
      "backlogd_build_info",          "backlogd_series",
      "backlogd_log_messages_total",  "backlogd_config_reload_success",
      "backlogd_http_requests_total", "backlogd_config_reload_timestamp_seconds"};
  for (const MetricSpec& spec : Catalog()) {
    if (of_program.contains(spec.name) || spec.name.starts_with("process_")) continue;
    ASSERT_FALSE(spec.labels.empty()) << spec.name;
    EXPECT_EQ(spec.labels.front(), "kafka_cluster") << spec.name;
  }
}

TEST(Catalog, FindsEachFamilyByItsName) {
  for (const MetricSpec& spec : Catalog()) EXPECT_EQ(&FindMetric(spec.name), &spec);
}

struct Section {
  std::string_view first;  // family with which it begins
  std::string_view title;
};
constexpr Section kSections[] = {
    {"backlogd_up", "Cluster"},
    {"backlogd_topic_partitions", "Topic"},
    {"backlogd_partition_log_start_offset", "Topic partition"},
    {"backlogd_group_state", "Group"},
    {"backlogd_group_topic_lag_records", "Group and topic (detail `topic` and up)"},
    {"backlogd_group_partition_lag_records",
     "Group, topic and partition (detail `partition` and up)"},
    {"backlogd_dlq_info", "Dead letters"},
    {"backlogd_build_info", "backlogd itself"},
};

std::string Row(const MetricSpec& spec) {
  std::string labels;
  for (const std::string_view label : spec.labels) {
    labels.append(labels.empty() ? "`" : ", `").append(label).append("`");
  }
  std::string row = "| `";
  row.append(spec.name).append("` | ").append(TypeWord(spec.type)).append(" | ");
  return row.append(labels).append(" | ").append(spec.help).append(" |\n");
}

std::string Document() {
  std::string text =
      "# Metrics\n\n"
      "Generated from the catalog in `src/exposition/metric_catalog.cc` by the tests, with\n"
      "`BACKLOGD_UPDATE_GOLDEN=1`.\n\n"
      "What is not known is an absent series, never 0 and never -1. No value is older than three\n"
      "polls, and a sum is shown only if all its parts are known. After three polls without any\n"
      "answer, all series of a cluster but `backlogd_up` and those of backlogd itself are\n"
      "withheld. Infos always have the value 1. Histograms also have the label `le`, quantiles of\n"
      "summaries the label `quantile`.\n\n"
      "Each level of aggregation has its own name, so that `sum()` never counts twice.\n";
  for (const MetricSpec& spec : Catalog()) {
    const auto* section = std::ranges::find(kSections, spec.name, &Section::first);
    if (section != std::end(kSections)) {
      text.append("\n## ").append(section->title);
      text.append("\n\n| name | type | labels | meaning |\n| --- | --- | --- | --- |\n");
    }
    text += Row(spec);
  }
  return text;
}

TEST(Catalog, IsWhatTheDocumentSays) { ExpectFile("docs/metrics.md", Document()); }

}  // namespace
}  // namespace backlogd::exposition
