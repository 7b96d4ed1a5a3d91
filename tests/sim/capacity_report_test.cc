#include "sim/capacity_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "sim/capacity_plan.h"
#include "sim/simulated_experiments.h"
#include "sim/svg_chart.h"

namespace backlogd::sim {
namespace {

CapacityReport Sampled(const std::string& topic) {
  SimulatedExperiments experiments;
  CapacityReport report;
  report.settings.inflow = 500;
  report.settings.handling_ms = 5;
  report.topic = topic;
  report.group = "orders";
  report.partitions = 12;
  const auto silent = [](const std::string&) {};
  RunPlan(experiments, silent, report);
  return report;
}

TEST(Readable, IsANumberForPeople) {
  EXPECT_EQ(Readable(0), "0");
  EXPECT_EQ(Readable(-0.001), "0");
  EXPECT_EQ(Readable(0.123), "0.12");
  EXPECT_EQ(Readable(12.34), "12.3");
  EXPECT_EQ(Readable(197.4), "197");
  EXPECT_EQ(Readable(1234567.8), "1,234,568");
  EXPECT_EQ(Readable(-1234), "-1,234");
  EXPECT_EQ(Readable(-123), "-123");
}

TEST(CapacityJson, HasEveryPart) {
  const auto json = nlohmann::json::parse(ToJson(Sampled("capacity")));
  EXPECT_NEAR(json["consumer"]["records_per_second"].get<double>(), 200, 20);
  EXPECT_EQ(json["members"]["needed"], 3);
  EXPECT_GT(json["members"]["confidence"].get<double>(), 0.5);
  EXPECT_EQ(json["drains"].size(), 2U);
  EXPECT_EQ(json["bottleneck"], "consumer");
  EXPECT_TRUE(json["complete"].get<bool>());
}

TEST(CapacityHtml, NeedsNoNetworkAndEscapesNames) {
  const std::string html = ToHtml(Sampled("<script>alert(1)</script>&\""));
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_NE(html.find("&lt;script&gt;"), std::string::npos);
  EXPECT_EQ(html.find("http"), std::string::npos);
  EXPECT_NE(html.find("<svg"), std::string::npos);
  EXPECT_NE(html.find("prefers-color-scheme: dark"), std::string::npos);
}

TEST(TicksOf, AreRoundAndHoldTheRange) {
  const std::vector<std::pair<double, double>> ranges{{0, 1},   {0, 7},    {0, 99}, {-3, 12},
                                                      {0, 1e6}, {0, 0.03}, {0, 0},  {-100, 0}};
  for (const auto& [low, high] : ranges) {
    const std::vector<double> ticks = TicksOf(low, high);
    EXPECT_GE(ticks.size(), 2U) << high;
    EXPECT_LE(ticks.size(), 9U) << high;
    EXPECT_LE(ticks.front(), low);
    EXPECT_GE(ticks.back(), high * 0.999);
  }
}

TEST(ToFigure, IsEmptyWithoutPoints) {
  Chart chart;
  chart.series.push_back({"nothing", {}});
  EXPECT_EQ(ToFigure(chart), "");
}

}  // namespace
}  // namespace backlogd::sim
