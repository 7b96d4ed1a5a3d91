#include "exposition/self_metrics.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "exposition/page.h"
#include "exposition/page_parser.h"
#include "exposition/sample_reports.h"

namespace backlogd::exposition {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using Series = std::map<std::string, double>;

Series Shown(const SelfMetrics& self, const ProcessSample& process = {}) {
  const Page page({self.Render(process, {})});
  return SeriesOf(ParsePage(Join(page.Pieces(Format::kText)), Format::kText));
}

analysis::LagReport Poll(bool up) {
  ReportBuilder builder;
  builder.report.up = up;
  return builder.report;
}

analysis::LagReport PollWith(std::vector<kafka::BrokerStatistics> statistics) {
  analysis::LagReport report = Poll(true);
  report.client_statistics = std::move(statistics);
  return report;
}

kafka::BrokerStatistics Statistics(kafka::BrokerId broker, std::uint64_t count) {
  kafka::BrokerStatistics seen;
  seen.broker = broker;
  seen.requests = {{"OffsetFetch", count}};
  seen.rtt = {{0.5, 0.25}};
  seen.rtt_sum_seconds = static_cast<double>(count) / 4;
  seen.rtt_count = count;
  return seen;
}

const std::string kRequests =
    "backlogd_kafka_requests_total|broker=1|kafka_cluster=east|request=OffsetFetch";
const std::string kRtt = "backlogd_kafka_request_rtt_seconds";
const std::string kTimeouts =
    "backlogd_poll_failures_total|kafka_cluster=east|reason=timeout|step=metadata";

TEST(SelfMetrics, CountersAreThereBeforeTheFirstEvent) {
  SelfMetrics self({"1.2.3", "abc"});
  self.AddCluster("east");
  const Series shown = Shown(self);
  EXPECT_EQ(shown.at("backlogd_build_info|revision=abc|version=1.2.3"), 1);
  for (const char* level : {"debug", "info", "warn", "error"}) {
    EXPECT_EQ(shown.at(std::string("backlogd_log_messages_total|level=") + level), 0);
  }
  EXPECT_EQ(shown.at("backlogd_http_requests_total|code=500"), 0);
  EXPECT_EQ(shown.at(kTimeouts), 0);
  EXPECT_EQ(shown.at("backlogd_poll_duration_seconds_count|kafka_cluster=east"), 0);
}

TEST(SelfMetrics, WhatNeverHappenedHasNoTime) {
  SelfMetrics self({"1.2.3", "abc"});
  self.CountPoll("east", Poll(false), 1s);
  const Series shown = Shown(self);
  EXPECT_FALSE(shown.contains("backlogd_last_success_timestamp_seconds|kafka_cluster=east"));
  EXPECT_FALSE(shown.contains("backlogd_config_reload_timestamp_seconds"));
  EXPECT_FALSE(shown.contains("backlogd_config_reload_success"));
  EXPECT_FALSE(shown.contains("process_resident_memory_bytes"));
}

TEST(SelfMetrics, CountsPollsAndTheirFailures) {
  SelfMetrics self({"1.2.3", "abc"});
  analysis::LagReport failed = Poll(false);
  failed.failures = {{snapshot::Step::kMetadata, ErrorKind::kTimeout, 3, ""},
                     {snapshot::Step::kTopicConfigs, ErrorKind::kUnauthorized, 1, ""}};
  self.CountPoll("east", failed, 4s);
  self.CountPoll("east", failed, 80ms);
  const Series shown = Shown(self);
  EXPECT_EQ(shown.at(kTimeouts), 6);
  EXPECT_EQ(shown.at("backlogd_poll_failures_total|kafka_cluster=east|reason=unauthorized"
                     "|step=topic_configs"),
            2);
  EXPECT_EQ(shown.at("backlogd_poll_duration_seconds_sum|kafka_cluster=east"), 4.08);
  EXPECT_EQ(shown.at("backlogd_poll_duration_seconds_bucket|kafka_cluster=east|le=0.1"), 1);
  EXPECT_EQ(shown.at("backlogd_poll_duration_seconds_bucket|kafka_cluster=east|le=5.0"), 2);
  EXPECT_EQ(shown.at("backlogd_poll_duration_seconds_bucket|kafka_cluster=east|le=+Inf"), 2);
}

TEST(SelfMetrics, LastSuccessIsThatOfTheLastPollThatLeftNothingOut) {
  SelfMetrics self({"1.2.3", "abc"});
  self.CountPoll("east", Poll(true), 1s);
  analysis::LagReport later = Poll(false);
  later.taken_at += 15'000ms;
  self.CountPoll("east", later, 1s);
  EXPECT_EQ(Shown(self).at("backlogd_last_success_timestamp_seconds|kafka_cluster=east"),
            1'750'000'000.25);
}

TEST(SelfMetrics, RequestsGrowAcrossANewClient) {
  SelfMetrics self({"1.2.3", "abc"});
  for (const std::uint64_t count : {10U, 25U, 4U, 6U}) {
    self.CountPoll("east", PollWith({Statistics(1, count)}), 1s);
  }
  const Series shown = Shown(self);
  EXPECT_EQ(shown.at(kRequests), 31);
  EXPECT_EQ(shown.at(kRtt + "_count|broker=1|kafka_cluster=east"), 31);
  EXPECT_EQ(shown.at(kRtt + "_sum|broker=1|kafka_cluster=east"), 31.0 / 4);
  EXPECT_EQ(shown.at(kRtt + "|broker=1|kafka_cluster=east|quantile=0.5"), 0.25);
}

TEST(SelfMetrics, ABrokerWithoutStatisticsKeepsItsCountsButNoQuantile) {
  SelfMetrics self({"1.2.3", "abc"});
  self.CountPoll("east", PollWith({Statistics(1, 10)}), 1s);
  self.CountPoll("east", PollWith({}), 1s);
  const Series shown = Shown(self);
  EXPECT_EQ(shown.at(kRequests), 10);
  EXPECT_EQ(shown.at(kRtt + "_count|broker=1|kafka_cluster=east"), 10);
  EXPECT_FALSE(shown.contains(kRtt + "|broker=1|kafka_cluster=east|quantile=0.5"));
}

TEST(SelfMetrics, ABrokerThatLeftTakesItsSeriesAlong) {
  SelfMetrics self({"1.2.3", "abc"});
  self.CountPoll("east", PollWith({Statistics(1, 10)}), 1s);
  analysis::LagReport without = PollWith({Statistics(2, 1)});
  without.brokers = {{2, "kafka-2.example", 9092, ""}};

  analysis::LagReport blind = without;  // knows of no broker because nothing answered
  blind.has_data = false;
  self.CountPoll("east", blind, 1s);
  EXPECT_TRUE(Shown(self).contains(kRequests));

  self.CountPoll("east", without, 1s);
  for (const auto& [key, value] : Shown(self)) {
    EXPECT_EQ(key.find("|broker=1|"), std::string::npos) << key;
  }
}

TEST(SelfMetrics, ConfigTimeIsThatOfTheConfigurationInUse) {
  SelfMetrics self({"1.2.3", "abc"});
  self.SetConfigLoaded(true, kPollTime);
  self.SetConfigLoaded(false, kPollTime + 1000ms);
  const Series shown = Shown(self);
  EXPECT_EQ(shown.at("backlogd_config_reload_success"), 0);
  EXPECT_EQ(shown.at("backlogd_config_reload_timestamp_seconds"), 1'750'000'000.25);
}

TEST(SelfMetrics, ShowsTheProcess) {
  const SelfMetrics self({"1.2.3", "abc"});
  ProcessSample process;
  process.cpu_seconds = 0.125;
  process.open_fds = 0;
  const Series shown = Shown(self, process);
  EXPECT_EQ(shown.at("process_cpu_seconds_total"), 0.125);
  EXPECT_EQ(shown.at("process_open_fds"), 0);
  EXPECT_FALSE(shown.contains("process_max_fds"));
}

TEST(SelfMetrics, WritesWholeNumbersWithoutExponentAndOthersExactly) {
  const SelfMetrics self({"1.2.3", "abc"});
  ProcessSample process;
  process.resident_memory_bytes = 4e9;
  process.cpu_seconds = 0.1;
  process.virtual_memory_bytes = 1e300;
  const std::string text = self.Render(process, {})->text;
  EXPECT_NE(text.find("process_resident_memory_bytes 4000000000\n"), std::string::npos);
  EXPECT_NE(text.find("process_cpu_seconds_total 0.1\n"), std::string::npos);
  EXPECT_NE(text.find("process_virtual_memory_bytes 1e+300\n"), std::string::npos);
}

TEST(SelfMetrics, SpellsWhatIsNoNumberAsPrometheusDoes) {
  const SelfMetrics self({"1.2.3", "abc"});
  ProcessSample process;
  process.open_fds = std::numeric_limits<double>::quiet_NaN();
  process.max_fds = std::numeric_limits<double>::infinity();
  process.start_time_seconds = -std::numeric_limits<double>::infinity();
  const std::string text = self.Render(process, {})->text;
  EXPECT_NE(text.find("process_open_fds NaN\n"), std::string::npos);
  EXPECT_NE(text.find("process_max_fds +Inf\n"), std::string::npos);
  EXPECT_NE(text.find("process_start_time_seconds -Inf\n"), std::string::npos);
}

constexpr int kEvents = 500;

void CountSome(const std::string& kafka_cluster, SelfMetrics& self) {
  for (int n = 0; n < kEvents; ++n) {
    self.CountHttpRequest(404);
    self.CountLogMessage(LogLevel::kError);
    self.CountPoll(kafka_cluster, Poll(true), 1ms);
    if (n % 100 == 0) self.Render({}, {});
  }
}

TEST(SelfMetrics, CountsFromManyThreads) {
  SelfMetrics self({"1.2.3", "abc"});
  {
    const std::jthread one([&self] { CountSome("east", self); });
    const std::jthread two([&self] { CountSome("east", self); });
    const std::jthread three([&self] { CountSome("west", self); });
  }
  const Series shown = Shown(self);
  EXPECT_EQ(shown.at("backlogd_http_requests_total|code=404"), 3 * kEvents);
  EXPECT_EQ(shown.at("backlogd_log_messages_total|level=error"), 3 * kEvents);
  EXPECT_EQ(shown.at("backlogd_poll_duration_seconds_count|kafka_cluster=east"), 2 * kEvents);
}

}  // namespace
}  // namespace backlogd::exposition
