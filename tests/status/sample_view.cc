#include "status/sample_view.h"

#include <algorithm>

namespace backlogd::status {
namespace {

using analysis::Cause;
using analysis::LagReport;
using analysis::Status;

std::string NameAt(std::size_t index) {
  std::string digits = std::to_string(100'000 + index);
  return "group-" + digits.substr(1);
}

analysis::GroupReport GroupAt(std::size_t index, std::string name) {
  analysis::GroupReport group;
  group.name = std::move(name);
  group.status = static_cast<Status>(index % analysis::kStatusCount);
  group.lag = static_cast<std::int64_t>(index * 1'001);
  group.lag_ms = static_cast<std::int64_t>(index * 1'250);
  group.members = 2;
  group.unknown_partitions = 0;
  if (group.status >= Status::kStalled) group.cause = Cause::kConsumerStopped;
  if (group.status == Status::kFallingBehind) group.cause = Cause::kProducerSurge;
  return group;
}

void Read(std::size_t index, LagReport& report) {
  analysis::GroupReport& group = report.groups.back();
  group.first_topic = static_cast<std::uint32_t>(report.group_topics.size());
  group.topic_count = 1;
  analysis::GroupTopicReport read;
  read.first_pair = static_cast<std::uint32_t>(report.pairs.size());
  read.pair_count = 2;
  read.lag = group.lag;
  read.lag_ms = group.lag_ms;
  report.group_topics.push_back(read);
  const auto lag = static_cast<std::int64_t>(index);
  report.pairs.push_back({0, 10, lag, lag, lag, Status::kOk});
  report.pairs.push_back(
      {1, analysis::kUnknown, analysis::kUnknown, analysis::kUnknown, analysis::kUnknown, {}});
}

}  // namespace

std::shared_ptr<LagReport> SampleReport(std::size_t groups) {
  auto report = std::make_shared<LagReport>();
  report->taken_at = kNow - std::chrono::seconds(5);
  report->data_time = report->taken_at;
  report->has_data = true;
  report->up = true;
  report->brokers = {{1, "kafka-1.example", 9092, ""}};
  analysis::TopicReport topic;
  topic.name = "orders";
  topic.partition_count = 2;
  report->topics.push_back(topic);
  report->partitions = {{0, 0, 0, 20, 20}, {0, 1, 0, 20, 20}};
  for (std::size_t i = 0; i < groups; ++i) {
    report->groups.push_back(GroupAt(i, NameAt(i)));
    Read(i, *report);
  }
  return report;
}

SampleBoard::SampleBoard(std::shared_ptr<const LagReport> report) {
  board_.Publish(0, std::move(report), std::chrono::milliseconds(125));
}

View SampleBoard::view() const {
  return {kNow, board_.clusters(), {"1.2.3", "abc", "/metrics", 1'789'999'000.0, 4e7, 12.5}};
}

}  // namespace backlogd::status
