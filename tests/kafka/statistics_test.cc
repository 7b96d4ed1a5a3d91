#include "kafka/statistics.h"

#include <gtest/gtest.h>

namespace backlogd::kafka {
namespace {

// One window with one broker.
std::string Window(const std::string& node, const std::string& source, const std::string& rest) {
  return R"({"brokers":{"x":{"nodeid":)" + node + R"(,"source":")" + source + R"(")" + rest + "}}}";
}

std::string Requests(const std::string& fetches) {
  return Window("1", "learned", R"(,"req":{"OffsetFetch":)" + fetches + R"(,"Fetch":0})");
}

TEST(Statistics, ReadsOneWindow) {
  StatisticsRecord record;
  record.Update(Window("2", "learned",
                       R"(,"req":{"Metadata":3,"Fetch":0},"throttle":{"max":250},
         "rtt":{"cnt":4,"sum":8000,"p50":1000,"p75":2,"p90":3000,"p99":5000})"));
  const auto values = record.Values();
  ASSERT_EQ(values.size(), 1U);
  EXPECT_EQ(values[0].broker, 2);
  ASSERT_EQ(values[0].requests.size(), 1U) << "a request that was never sent is left out";
  EXPECT_EQ(values[0].requests[0].name, "Metadata");
  EXPECT_EQ(values[0].requests[0].count, 3U);
  EXPECT_DOUBLE_EQ(values[0].throttle_seconds, 0.25);
  EXPECT_EQ(values[0].rtt_count, 4U);
  EXPECT_DOUBLE_EQ(values[0].rtt_sum_seconds, 0.008);
  ASSERT_EQ(values[0].rtt.size(), 3U);
  EXPECT_DOUBLE_EQ(values[0].rtt[1].quantile, 0.9);
  EXPECT_DOUBLE_EQ(values[0].rtt[1].seconds, 0.003);
}

TEST(Statistics, AddsUpRoundTripsAndForgetsTheWindow) {
  StatisticsRecord record;
  record.Update(
      Window("1", "learned", R"(,"rtt":{"cnt":1,"sum":1000,"p50":1},"throttle":{"max":5})"));
  record.Update(Window("1", "learned", R"(,"rtt":{"cnt":2,"sum":3000,"p50":1})"));
  EXPECT_EQ(record.Values()[0].rtt_count, 3U);
  EXPECT_DOUBLE_EQ(record.Values()[0].rtt_sum_seconds, 0.004);
  EXPECT_EQ(record.Values()[0].throttle_seconds, 0);
  record.Update(R"({"brokers":{}})");
  EXPECT_EQ(record.Values()[0].rtt_count, 3U);
  EXPECT_TRUE(record.Values()[0].rtt.empty()) << "nothing was asked in this window";
}

TEST(Statistics, CountersOnlyGrow) {
  const auto count = [](const StatisticsRecord& record) {
    return record.Values()[0].requests[0].count;
  };
  StatisticsRecord record;
  record.Update(Requests("5"));
  record.Update(Requests("7"));
  EXPECT_EQ(count(record), 7U);
  record.Update(Requests("2"));  // the broker left and came back
  EXPECT_EQ(count(record), 9U);
  record.HandleReplaced();
  EXPECT_EQ(count(record), 9U);
  record.Update(Requests("4"));
  EXPECT_EQ(count(record), 13U);
}

TEST(Statistics, LeavesOutWhatIsNoBrokerOfTheCluster) {
  for (const auto& [node, source] : {std::pair("-1", "configured"), std::pair("-1", "learned"),
                                     std::pair("1", "logical"), std::pair("9999999999", "learned"),
                                     std::pair("\"1\"", "learned"), std::pair("1.5", "learned")}) {
    StatisticsRecord record;
    record.Update(Window(node, source, R"(,"req":{"Fetch":1})"));
    EXPECT_TRUE(record.Values().empty()) << node << " " << source;
  }
}

TEST(Statistics, SurvivesGarbage) {
  for (const char* text :
       {"", "{", "null", "7", "[]", R"("text")", "{}", R"({"brokers":7})", R"({"brokers":[]})",
        R"({"brokers":{"x":7}})", R"({"brokers":{"x":{"nodeid":1}}})",
        R"({"brokers":{"x":{"nodeid":null,"source":null}}})", "\xff\xfe"}) {
    StatisticsRecord record;
    record.Update(text);
    EXPECT_TRUE(record.Values().empty()) << text;
  }
  StatisticsRecord record;
  record.Update(
      Window("1", "learned", R"(,"req":{"Fetch":-3,"Metadata":"x"},"rtt":7,"throttle":[1])"));
  ASSERT_EQ(record.Values().size(), 1U);
  EXPECT_TRUE(record.Values()[0].requests.empty());
  EXPECT_EQ(record.Values()[0].rtt_count, 0U);
}

}  // namespace
}  // namespace backlogd::kafka
