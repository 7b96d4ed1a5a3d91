#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "analysis/lag_analyzer.h"
#include "exposition/page.h"
#include "exposition/page_parser.h"
#include "exposition/render.h"
#include "exposition/sample_reports.h"
#include "fakes/fake_kafka_client.h"
#include "fuzz/input.h"
#include "snapshot/collector.h"

// What members of a group say that they are assigned is theirs alone: a broker hands on their bytes
// as they are. librdkafka decodes those bytes (with it: tests/integration/hostile_members_test.py)
// into members and lists of topics and partitions; from there on it is ours. Whatever stands in
// these lists (topics that do not exist, partitions that cannot, all twice, members beyond their
// number): no more is counted than there is, and the page can be read.
namespace {

using namespace backlogd;  // NOLINT(google-build-using-namespace)
using backlogd::fuzz::Require;
using backlogd::fuzz::Take;
using backlogd::fuzz::TakeNumber;

constexpr std::int64_t kPartitions = 3;  // of each topic
constexpr std::string_view kTopics[] = {"audit", "orders", "orders-dlt"};
constexpr kafka::PartitionId kEdges[] = {-1, std::numeric_limits<kafka::PartitionId>::min(),
                                         std::numeric_limits<kafka::PartitionId>::max()};

// One of a topic's, one beside them, or any.
kafka::PartitionId TakePartition(std::string_view& input) {
  const std::uint32_t first = TakeNumber(input);
  if (first < 8) return static_cast<kafka::PartitionId>(first);
  if (first < 8 + std::size(kEdges)) return kEdges[first - 8];
  kafka::PartitionId any = 0;
  const std::string_view bytes = Take(input, sizeof any);
  std::memcpy(&any, bytes.data(), bytes.size());
  return any;
}

std::string TakeTopic(std::string_view& input) {
  const std::uint32_t first = TakeNumber(input);
  if (first < std::size(kTopics)) return std::string(kTopics[first]);
  return std::string(Take(input, first % 16));
}

kafka::GroupDescription TakeDescription(std::string_view& input) {
  kafka::GroupDescription description;
  description.type = static_cast<kafka::GroupType>(TakeNumber(input) % 3);
  description.state = static_cast<kafka::GroupState>(TakeNumber(input) % 6);
  description.members = TakeNumber(input) % 8;
  description.assignor = std::string(Take(input, TakeNumber(input) % 8));
  for (std::uint32_t i = TakeNumber(input) % 16; i > 0; --i) {
    kafka::TopicAssignment assignment{TakeTopic(input), {}, TakeNumber(input) % 8};
    for (std::uint32_t n = TakeNumber(input) % 16; n > 0; --n) {
      assignment.partitions.push_back(TakePartition(input));
    }
    description.assignments.push_back(std::move(assignment));
  }
  return description;
}

FakeKafkaClient MakeCluster() {
  FakeKafkaClient client;
  client.metadata.brokers = {{1, "kafka-1.example", 9092, ""}};
  for (const std::string_view topic : kTopics) {
    client.AddTopic(std::string(topic), kPartitions, 100);
  }
  client.AddGroup("billing", kafka::GroupState::kStable);
  for (kafka::PartitionId i = 0; i < kPartitions; ++i) {
    client.committed["billing"][{"orders", i}] = 10 + i;
  }
  return client;
}

void CheckReport(const analysis::LagReport& report) {
  constexpr std::int64_t kAll = kPartitions * static_cast<std::int64_t>(std::size(kTopics));
  for (const analysis::GroupReport& group : report.groups) {
    Require(group.assigned_partitions <= kAll && group.empty_members <= group.members);
  }
  for (const analysis::GroupTopicReport& read : report.group_topics) {
    Require(read.assigned_partitions <= kPartitions);
  }
}

void CheckPage(const analysis::LagReport& report) {
  const exposition::Detail detail(exposition::DetailLevels::Level::kFull);
  exposition::Compatibility peers;
  peers.peers.fill(true);
  auto samples = std::make_shared<exposition::Samples>();
  exposition::Render(report, "c", detail, *samples, peers);
  const exposition::Page page({samples});
  constexpr auto kText = exposition::Format::kText;
  Require(!exposition::ParsePage(exposition::Join(page.Pieces(kText)), kText).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  FakeKafkaClient client = MakeCluster();
  const auto all = [](std::string_view) { return true; };
  const auto clock = [] { return Deadline{}; };
  snapshot::Collector collector({all, all, {}}, clock);
  analysis::LagAnalyzer analyzer({});
  WallTime now{std::chrono::milliseconds(1'790'000'000'000)};
  for (int poll = 0; poll < 6; ++poll) {
    if (poll % 2 == 0) client.descriptions["billing"] = TakeDescription(input);
    now += std::chrono::seconds(15);
    for (auto& [key, log] : client.logs) log.last_stable = log.end += 5;
    analyzer.Fold(collector.Collect(client, now, Deadline{std::chrono::seconds(10)}));
    CheckReport(analyzer.Report());
  }
  CheckPage(analyzer.Report());
  return 0;
}
