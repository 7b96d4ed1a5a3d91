#include "exposition/sample_reports.h"

#include <algorithm>

namespace backlogd::exposition {
namespace {

using analysis::GroupReport;
using analysis::kUnknown;
using analysis::LagReport;
using snapshot::Step;
using std::chrono_literals::operator""ms;

void Succeed(LagReport& report) {
  double seconds = 0;
  for (snapshot::StepResult& step : report.steps) {
    step = {true, true, std::chrono::duration<double>(seconds += 0.0625)};
  }
}

void Fail(Step step, bool ran, LagReport& report) {
  report.steps[static_cast<std::size_t>(step)] = {ran, false, std::chrono::duration<double>(5)};
}

kafka::BrokerStatistics Statistics(kafka::BrokerId broker, std::uint64_t requests) {
  kafka::BrokerStatistics seen;
  seen.broker = broker;
  seen.requests = {{"Metadata", requests}, {"OffsetFetch", requests * 100}};
  seen.rtt = {{0.5, 0.0012}, {0.99, 0.0155}};
  seen.rtt_sum_seconds = static_cast<double>(requests) * 0.25;
  seen.rtt_count = requests * 101;
  seen.throttle_seconds = 0.5;
  return seen;
}

GroupReport OneGroup(std::string_view name, std::int64_t members, std::int64_t lag) {
  GroupReport group;
  group.name = name;
  group.state = {kafka::GroupType::kClassic,
                 members > 0 ? kafka::GroupState::kStable : kafka::GroupState::kEmpty};
  group.members = members;
  group.assigned_partitions = members > 0 ? 3 : 0;
  group.lag = lag;
  group.max_lag = lag;
  group.unknown_partitions = 0;
  return group;
}

}  // namespace

ReportBuilder::ReportBuilder() {
  report.taken_at = kPollTime;
  report.data_time = kPollTime;
  report.has_data = true;
  report.up = true;
  report.brokers = {{1, "kafka-1.example", 9092, ""}};
  Succeed(report);
}

ReportBuilder& ReportBuilder::Topic(std::string_view name,
                                    const std::vector<analysis::PartitionReport>& partitions) {
  analysis::TopicReport topic;
  topic.name = name;
  topic.first_partition = static_cast<std::uint32_t>(report.partitions.size());
  topic.partition_count = static_cast<std::uint32_t>(partitions.size());
  topic.retained_records = 0;
  topic.records_produced = 0;
  for (analysis::PartitionReport partition : partitions) {
    partition.topic = static_cast<analysis::TopicIndex>(report.topics.size());
    topic.retained_records += partition.end - partition.start;
    report.partitions.push_back(partition);
  }
  report.topics.push_back(topic);
  return *this;
}

ReportBuilder& ReportBuilder::Group(const GroupReport& group) {
  report.groups.push_back(group);
  report.groups.back().first_topic = static_cast<std::uint32_t>(report.group_topics.size());
  return *this;
}

ReportBuilder& ReportBuilder::Reads(std::string_view topic,
                                    const std::vector<analysis::PairReport>& pairs) {
  analysis::GroupTopicReport read;
  read.topic = static_cast<analysis::TopicIndex>(
      std::ranges::find(report.topics, topic, &analysis::TopicReport::name) -
      report.topics.begin());
  read.first_pair = static_cast<std::uint32_t>(report.pairs.size());
  read.pair_count = static_cast<std::uint32_t>(pairs.size());
  read.lag = 0;
  read.records_consumed = 0;
  read.lost_records = 0;
  read.uncommitted_partitions = 0;
  for (const analysis::PairReport& pair : pairs) read.lag += pair.lag;
  report.pairs.insert(report.pairs.end(), pairs.begin(), pairs.end());
  report.group_topics.push_back(read);
  ++report.groups.back().topic_count;
  return *this;
}

LagReport OrdersReport() {
  ReportBuilder b;
  b.report.cluster_id = "MkU3OEVBNTcwNTJENDM2Qg";
  b.report.brokers = {{1, "kafka-1.example", 9092, "a"}, {2, "2001:db8::2", 9092, ""}};
  b.Topic("orders", {{0, 0, 100, 350, 400}, {0, 1, 0, 250, 250}});
  b.Topic("usa.offer", {{0, 0, 0, 1'000'000'000'000, 1'000'000'000'000}});
  b.Group(OneGroup("billing", 2, 150));
  b.Reads("orders", {{0, 250, 150, 150}, {1, 250, 0, 0}});
  b.Group(OneGroup("wps.file.consumer.group", 0, 999'999'999'993));
  b.Reads("orders", {{0, 40, 360, 300}});
  b.Reads("usa.offer", {{0, 7, 999'999'999'993, 999'999'999'993}});
  LagReport& report = b.report;
  report.topics[0].records_produced = 650;
  report.topics[0].retention = 604'800'500ms;
  report.topics[0].groups = 2;
  report.topics[1].groups = 1;
  report.topics[1].partitions_under_replicated = 1;
  report.group_topics[0].records_consumed = 1234;
  report.group_topics[1].lost_records = 60;
  report.group_topics[1].uncommitted_partitions = 1;
  report.client_statistics = {Statistics(1, 10), Statistics(2, 20)};
  return report;
}

LagReport UnknownsReport() {
  ReportBuilder b;
  b.Topic("orders", {{0, 0, 100, 400, 400}, {0, 1}});
  b.Group(OneGroup("billing", 2, kUnknown)).Reads("orders", {{0, 250, 150, 150}, {1, 250}});
  GroupReport unseen;
  unseen.name = "unseen";
  b.Group(unseen);
  LagReport& report = b.report;
  report.up = false;
  report.carried_values = 4;
  report.topics[0].retained_records = kUnknown;
  report.topics[0].records_produced = kUnknown;
  report.topics[0].partitions_without_leader = 1;
  report.groups[0].unknown_partitions = 1;
  report.groups[0].members = kUnknown;
  report.groups[0].assigned_partitions = kUnknown;
  report.group_topics[0].lag = kUnknown;
  report.group_topics[0].records_consumed = kUnknown;
  report.group_topics[0].lost_records = kUnknown;
  report.group_topics[0].uncommitted_partitions = kUnknown;
  Fail(Step::kListGroups, true, report);
  Fail(Step::kLogEndOffsets, true, report);
  Fail(Step::kDescribeGroups, false, report);
  report.failures = {{Step::kListGroups, ErrorKind::kTimeout, 1, "broker 2: timed out"},
                     {Step::kLogEndOffsets, ErrorKind::kNoLeader, 1, "orders/1: no leader"}};
  return report;
}

LagReport WithheldReport() {
  LagReport report = OrdersReport();
  report.has_data = false;
  report.up = false;
  report.data_time = kPollTime - 60'000ms;
  report.client_statistics.clear();
  for (int step = 0; step < snapshot::kStepCount; ++step) {
    Fail(static_cast<Step>(step), step == 0, report);
  }
  report.failures = {{Step::kMetadata, ErrorKind::kUnreachable, 1, "all brokers are down"}};
  return report;
}

LagReport NamesReport() {
  const std::string longest(249, 'x');
  ReportBuilder b;
  b.Topic("a-b_c.d", {{0, 0, 0, 9, 9}}).Topic(longest, {{0, 0, 0, 9, 9}});
  const std::string_view names[] = {" spaces on both sides ",
                                    "\"quoted\"",
                                    "C:\\group\\n",
                                    "line\nbreak\r\t",
                                    "bad\xff",
                                    "bad\xfe",
                                    "bad\xEF\xBF\xBD",
                                    "half an emoji \xF0\x9F\x98",
                                    "emoji \xF0\x9F\x98\x80",
                                    "\xE6\x97\xA5\xE6\x9C\xAC",
                                    "}, group=\"x",
                                    longest};
  std::int64_t members = 0;
  for (const std::string_view name : names) {
    b.Group(OneGroup(name, ++members, 4)).Reads(longest, {{0, 5, 4, 4}});
  }
  b.report.brokers[0].rack = "rack \"1\"";
  return b.report;
}

std::string RenderText(const LagReport& report, std::string_view kafka_cluster,
                       const DetailLevels& detail) {
  Samples samples;
  Render(report, kafka_cluster, detail, samples);
  return samples.text;
}

}  // namespace backlogd::exposition
