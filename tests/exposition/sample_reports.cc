#include "exposition/sample_reports.h"

#include <algorithm>

namespace backlogd::exposition {
namespace {

using analysis::Cause;
using analysis::GroupReport;
using analysis::kUnknown;
using analysis::LagReport;
using analysis::Status;
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

// A group that more is written for than it reads, and all that is known of it.
void FallBehind(GroupReport& group) {
  group.lag_ms = 65'250;
  group.status = Status::kFallingBehind;
  group.cause = Cause::kProducerSurge;
  group.headroom_ms = 604'735'250;
  group.inflow = 12.5;
  group.inflow_baseline = 4;
  group.consumption = 4.015625;
  group.consumption_baseline = 1.0 / 3;
  group.member_capacity = 2.25;
  group.members_needed = 2;
  group.last_commit = kPollTime - 1250ms;
}

// A group that nobody reads for any more.
void Stop(GroupReport& group) {
  group.lag_ms = 86'400'000;
  group.status = Status::kLosingData;
  group.cause = Cause::kConsumerStopped;
  group.headroom_ms = 0;
  group.inflow = 1e6;
  group.consumption = 0;
}

void CatchUp(GroupReport& group) {
  group.lag_ms = 1;
  group.status = Status::kCatchingUp;
  group.drain_ms = 12'340;
  group.inflow = 0;
  group.consumption = 81.0625;
  group.member_capacity = 81.0625;
  group.members_needed = 1;
  group.last_commit = kPollTime;
}

// The worst of the pairs; unknown unless all are known.
std::int64_t LagTime(const std::vector<analysis::PairReport>& pairs) {
  std::int64_t worst = 0;
  for (const analysis::PairReport& pair : pairs) {
    if (pair.lag_ms == kUnknown) return kUnknown;
    worst = std::max(worst, pair.lag_ms);
  }
  return worst;
}

// Two queues: all that is known of one, little of the other.
void AddDeadLetters(LagReport& report) {
  analysis::DeadLetterReport queue;
  queue.topic = 0;
  queue.source_topic = "usa.offer";
  queue.group = "wps.replay";
  queue.convention = "spring";
  queue.retained = 550;
  queue.records = 12;
  queue.expired = 3;
  queue.pending = {{"backlogd-dlq.orders", 500}, {"fixer", 7}};
  queue.oldest = kPollTime - 3600'500ms;
  queue.handled_known = true;
  queue.handled = {1, 20, 0, 29};
  queue.classified = {{"", {0, 1, 0, 0, 0, 2}}, {"usa.offer", {3, 1, 2, 4, 5, 0}}};
  queue.scan_failures = 0;
  report.dead_letters.push_back(queue);
  analysis::DeadLetterReport other;
  other.topic = 1;
  other.convention = "generic";
  other.pending = {{"", 1'000'000'000'000}};
  report.dead_letters.push_back(other);
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
  read.lag_ms = LagTime(pairs);
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
  b.Reads("orders",
          {{0, 250, 150, 150, 65'250, Status::kFallingBehind}, {1, 250, 0, 0, 0, Status::kOk}});
  b.Group(OneGroup("wps.file.consumer.group", 0, 999'999'999'993));
  b.Reads("orders", {{0, 40, 360, 300, 7'007, Status::kLosingData}});
  b.Reads("usa.offer", {{0, 7, 999'999'999'993, 999'999'999'993, 86'400'000, Status::kStopped}});
  b.Group(OneGroup("wps.replay", 1, 1000));
  b.Reads("usa.offer", {{0, 999'999'999'000, 1000, 1000, 1, Status::kCatchingUp}});
  LagReport& report = b.report;
  FallBehind(report.groups[0]);
  Stop(report.groups[1]);
  CatchUp(report.groups[2]);
  report.topics[0].records_produced = 650;
  report.topics[0].retention = 604'800'500ms;
  report.topics[0].groups = 2;
  report.topics[1].groups = 2;
  report.topics[1].partitions_under_replicated = 1;
  report.group_topics[0].records_consumed = 1234;
  report.group_topics[1].lost_records = 60;
  report.group_topics[1].uncommitted_partitions = 1;
  report.client_statistics = {Statistics(1, 10), Statistics(2, 20)};
  AddDeadLetters(report);
  return report;
}

LagReport UnknownsReport() {
  ReportBuilder b;
  b.Topic("orders", {{0, 0, 100, 400, 400}, {0, 1}});
  b.Group(OneGroup("billing", 2, kUnknown))
      .Reads("orders", {{0, 250, 150, 150, 30'000, Status::kStalled},
                        {1, 250, kUnknown, kUnknown, kUnknown, {}}});
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
    b.Group(OneGroup(name, ++members, 4)).Reads(longest, {{0, 5, 4, 4, kUnknown, {}}});
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
