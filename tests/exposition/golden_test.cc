#include "exposition/golden.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "exposition/page.h"
#include "exposition/page_parser.h"
#include "exposition/sample_reports.h"
#include "exposition/self_metrics.h"

namespace backlogd::exposition {
namespace {

using Level = DetailLevels::Level;
using std::chrono_literals::operator""ms;

struct ClusterPart {
  std::string kafka_cluster;
  analysis::LagReport report;
  Level level = Level::kPartition;
};

struct GoldenCase {
  std::string file;  // tests/golden/<file>.prom
  std::vector<ClusterPart> parts;
};

std::vector<GoldenCase> GoldenCases() {
  return {
      {"clusters",
       {{"east", OrdersReport(), Level::kPartition}, {"west", OrdersReport(), Level::kGroup}}},
      {"withheld", {{"east", WithheldReport()}, {"west", OrdersReport(), Level::kTopic}}},
      {"unknown", {{"east", UnknownsReport(), Level::kFull}}},
      {"names", {{"prod \"eu\" \\ 1", NamesReport()}}},
      {"full", {{"east", OrdersReport(), Level::kFull}}},
  };
}

std::shared_ptr<const Samples> Rendered(const ClusterPart& part) {
  auto samples = std::make_shared<Samples>();
  Render(part.report, part.kafka_cluster, Detail(part.level), *samples);
  return samples;
}

Page MakePage(const std::vector<ClusterPart>& clusters) {
  SelfMetrics self({"1.2.3", "0123abc"});
  self.SetConfigLoaded(true, kPollTime - 3600'000ms);
  self.CountHttpRequest(200);
  self.CountLogMessage(LogLevel::kWarning);
  std::vector<std::shared_ptr<const Samples>> parts;
  for (const ClusterPart& cluster : clusters) {
    self.CountPoll(cluster.kafka_cluster, cluster.report, 250ms);
    parts.push_back(Rendered(cluster));
  }
  parts.push_back(self.Render({1.5, 44e6, 5e8, 12, 1024, 1.75e9}, parts));
  return Page(std::move(parts));
}

std::string TextOf(const Page& page, Format format) { return Join(page.Pieces(format)); }

TEST(GoldenPage, IsWhatTheFileSays) {
  for (const GoldenCase& golden : GoldenCases()) {
    const Page page = MakePage(golden.parts);
    const std::string text = TextOf(page, Format::kText);
    EXPECT_NO_THROW(ParsePage(text, Format::kText)) << golden.file;
    ExpectFile("tests/golden/" + golden.file + ".prom", text);
  }
}

TEST(GoldenPage, IsWhatTheFileSaysInOpenMetrics) {
  for (const GoldenCase& golden : GoldenCases()) {
    const Page page = MakePage(golden.parts);
    const std::string text = TextOf(page, Format::kOpenMetrics);
    EXPECT_EQ(SeriesOf(ParsePage(text, Format::kOpenMetrics)),
              SeriesOf(ParsePage(TextOf(page, Format::kText), Format::kText)));
    if (golden.file == "full") ExpectFile("tests/golden/full.om", text);
  }
}

TEST(GoldenPage, ShowsEveryFamilyOfTheCatalogAndNoOther) {
  std::set<std::string> shown;
  for (const GoldenCase& golden : GoldenCases()) {
    const std::string text = ReadRepositoryFile("tests/golden/" + golden.file + ".prom");
    for (const ParsedFamily& family : ParsePage(text, Format::kText)) shown.insert(family.name);
  }
  std::set<std::string> known;
  for (const MetricSpec& spec : Catalog()) known.emplace(spec.name);
  EXPECT_EQ(shown, known);
}

std::vector<std::string_view> ExpectedLabels(const MetricSpec& spec, const ParsedSample& sample) {
  std::vector<std::string_view> labels(spec.labels.begin(), spec.labels.end());
  if (sample.name.ends_with("_bucket")) labels.push_back("le");
  if (spec.type == MetricType::kSummary && sample.name == spec.name) labels.push_back("quantile");
  return labels;
}

void ExpectLabelsOfTheCatalog(const ParsedFamily& family) {
  for (const ParsedSample& sample : family.samples) {
    std::vector<std::string_view> labels;
    for (const auto& label : sample.labels) labels.push_back(label.first);
    EXPECT_EQ(labels, ExpectedLabels(FindMetric(family.name), sample)) << SeriesKey(sample);
  }
}

TEST(GoldenPage, WritesTheLabelsOfTheCatalogInItsOrder) {
  for (const GoldenCase& golden : GoldenCases()) {
    const std::string text = TextOf(MakePage(golden.parts), Format::kText);
    for (const ParsedFamily& family : ParsePage(text, Format::kText)) {
      ExpectLabelsOfTheCatalog(family);
    }
  }
}

TEST(GoldenPage, CountsItsOwnSeriesByFamily) {
  for (const GoldenCase& golden : GoldenCases()) {
    const auto families = ParsePage(TextOf(MakePage(golden.parts), Format::kText), Format::kText);
    const auto series = SeriesOf(families);
    for (const ParsedFamily& family : families) {
      EXPECT_EQ(series.at("backlogd_series|family=" + family.name),
                static_cast<double>(family.samples.size()));
    }
  }
}

}  // namespace
}  // namespace backlogd::exposition
