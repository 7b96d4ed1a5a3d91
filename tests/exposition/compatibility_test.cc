#include "exposition/compatibility.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exposition/compat_catalog.h"
#include "exposition/documented_peers.h"
#include "exposition/golden.h"
#include "exposition/page.h"
#include "exposition/page_parser.h"
#include "exposition/sample_reports.h"

namespace backlogd::exposition {
namespace {

using analysis::kUnknown;
using analysis::LagReport;
using analysis::Status;
using Level = DetailLevels::Level;

Compatibility With(const std::vector<Peer>& peers, bool several_clusters = false) {
  Compatibility compatibility;
  for (const Peer peer : peers) compatibility.peers[static_cast<std::size_t>(peer)] = true;
  compatibility.several_clusters = several_clusters;
  return compatibility;
}

Compatibility All() { return With({kPeers.begin(), kPeers.end()}); }

void Describe(LagReport& report) {
  for (analysis::PartitionReport& partition : report.partitions) {
    partition.leader = 1;
    partition.preferred_leader = partition.partition == 1 ? 2 : 1;
    partition.replicas = 3;
    partition.in_sync_replicas = static_cast<std::uint16_t>(partition.partition == 2 ? 2 : 3);
  }
  for (analysis::TopicReport& topic : report.topics) topic.cleanup_policy = "delete";
}

analysis::GroupReport Group(std::string_view name, Status status) {
  analysis::GroupReport group;
  group.name = name;
  group.state = {kafka::GroupType::kClassic, kafka::GroupState::kStable, 1};
  group.members = 2;
  group.empty_members = 1;
  group.assignor = "range";
  group.assigned_partitions = 3;
  group.unknown_partitions = 0;
  group.status = status;
  return group;
}

// Group billing has committed two of three partitions of orders, and none of audit, which it is
// assigned.
LagReport PeersReport() {
  ReportBuilder b;
  b.report.cluster_id = "MkU3OEVBNTcwNTJENDM2Qg";
  b.report.brokers = {{1, "kafka-1.example", 9092, "a"}, {2, "2001:db8::2", 9093, ""}};
  b.Topic("audit", {{0, 0, 0, 7, 7}});
  b.Topic("orders", {{0, 0, 300, 400, 400}, {0, 1, 0, 250, 250}, {0, 2, 0, 30, 30}});
  b.Group(Group("billing", Status::kStalled)).Reads("audit", {});
  b.Reads("orders", {{0, 250, 150, 100, 65'250, Status::kStalled},
                     {1, 245, 5, 5, 500, Status::kFallingBehind}});
  LagReport& report = b.report;
  Describe(report);
  report.groups[0].lag = 155;
  report.groups[0].max_lag = 150;
  report.groups[0].lag_ms = 65'250;
  report.group_topics[0].lag = kUnknown;
  report.group_topics[0].lag_ms = kUnknown;
  report.group_topics[0].assigned_partitions = 1;
  report.group_topics[0].assigned_members = 1;
  report.group_topics[1].assigned_partitions = 2;
  report.group_topics[1].assigned_members = 1;
  return report;
}

std::string TextOf(const LagReport& report, const Compatibility& compatibility,
                   Level level = Level::kFull) {
  Samples samples;
  Render(report, "east", Detail(level), samples, compatibility);
  return samples.text;
}

Page PageOf(const std::vector<LagReport>& reports, const Compatibility& compatibility) {
  std::vector<std::shared_ptr<const Samples>> parts;
  for (const LagReport& report : reports) {
    auto samples = std::make_shared<Samples>();
    Render(report, "cluster-" + std::to_string(parts.size()), Detail(Level::kFull), *samples,
           compatibility);
    parts.push_back(std::move(samples));
  }
  return Page(std::move(parts));
}

std::vector<ParsedFamily> FamiliesOn(const Page& page, Format format = Format::kText) {
  return ParsePage(Join(page.Pieces(format)), format);
}

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::vector<ParsedFamily> Families(const LagReport& report, const Compatibility& compatibility,
                                   Level level = Level::kFull) {
  auto samples = std::make_shared<Samples>();
  Render(report, "east", Detail(level), *samples, compatibility);
  return FamiliesOn(Page({samples}));
}

bool IsPeers(std::string_view family) {
  return !family.starts_with("backlogd_") && !family.starts_with("process_");
}

TEST(Compatibility, HasTheNamesAndLabelsThatEachExporterDocuments) {
  for (const Peer peer : kPeers) {
    const Documented documented = DocumentedOf(peer);
    std::map<std::string_view, Labels> ours;
    for (const MetricSpec& spec : FamiliesOf(peer)) {
      ours[spec.name] = Labels(spec.labels.begin(), spec.labels.end());
      EXPECT_EQ(spec.type, MetricType::kGauge) << spec.name;
      EXPECT_TRUE(spec.help.ends_with(".")) << spec.name;
    }
    EXPECT_EQ(ours, documented);
  }
}

TEST(Compatibility, NoNameIsSharedSoThatAllCanBeServedAtOnce) {
  std::set<std::string_view> names;
  for (const MetricSpec& spec : WholeCatalog()) {
    EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
  }
}

// Read back from a page, name by name and label by label.
TEST(Compatibility, WritesEveryFamilyWithItsLabels) {
  for (const Peer peer : kPeers) {
    const Documented documented = DocumentedOf(peer);
    std::map<std::string, std::vector<std::string>> written;
    for (const ParsedFamily& family : FamiliesOn(PageOf({PeersReport()}, With({peer})))) {
      if (!IsPeers(family.name)) continue;
      EXPECT_EQ(family.type, "gauge") << family.name;
      std::vector<std::string>& labels = written[family.name];
      for (const auto& label : family.samples.front().labels) labels.push_back(label.first);
    }
    std::map<std::string, std::vector<std::string>> expected;
    for (const auto& [name, labels] : documented) {
      expected[std::string(name)] = {labels.begin(), labels.end()};
    }
    EXPECT_EQ(written, expected);
  }
}

TEST(Compatibility, GoldenPage) {
  const Page page = PageOf({PeersReport()}, All());
  const std::string text = Join(page.Pieces(Format::kText));
  ExpectFile("tests/golden/peers.prom", text);
  EXPECT_EQ(SeriesOf(FamiliesOn(page, Format::kOpenMetrics)), SeriesOf(FamiliesOn(page)));
}

TEST(Compatibility, OffAddsNothing) {
  for (const ParsedFamily& family : Families(PeersReport(), {})) {
    EXPECT_FALSE(IsPeers(family.name)) << family.name;
  }
  EXPECT_EQ(TextOf(PeersReport(), {}), RenderText(PeersReport(), "east", Detail(Level::kFull)));
}

TEST(Compatibility, LeavesOurOwnFamiliesAsTheyAre) {
  const std::string own = TextOf(PeersReport(), {});
  EXPECT_TRUE(TextOf(PeersReport(), All()).starts_with(own));
}

// Two clusters that are the same in all but their name: every series stays one of a kind (which the
// parser demands).
TEST(Compatibility, SeveralClustersAreToldApart) {
  Compatibility compatibility = All();
  compatibility.several_clusters = true;
  const auto families = FamiliesOn(PageOf({PeersReport(), PeersReport()}, compatibility));
  const std::set<std::string> of_cluster = {"kafka_cluster", "cluster_name", "cluster"};
  for (const ParsedFamily& family : families) {
    for (const ParsedSample& sample : family.samples) {
      ASSERT_FALSE(sample.labels.empty()) << family.name;
      EXPECT_TRUE(of_cluster.contains(sample.labels.front().first)) << SeriesKey(sample);
    }
  }
}

TEST(KafkaExporter, SaysMinusOneWhereATopicIsCommittedInOtherPartitionsOnly) {
  const std::string text = TextOf(PeersReport(), With({Peer::kKafkaExporter}));
  const std::string pair = R"({consumergroup="billing",topic="orders",partition=")";
  for (const std::string& line : {
           "kafka_consumergroup_current_offset" + pair + "0\"} 250\n",
           "kafka_consumergroup_current_offset" + pair + "2\"} -1\n",
           "kafka_consumergroup_lag" + pair + "0\"} 150\n",
           "kafka_consumergroup_lag" + pair + "2\"} -1\n",
           std::string(R"(current_offset_sum{consumergroup="billing",topic="orders"} 494)") + "\n",
           std::string(
               R"(kafka_consumergroup_lag_sum{consumergroup="billing",topic="orders"} 155)"),
       }) {
    EXPECT_TRUE(Has(text, line)) << line;
  }
  EXPECT_FALSE(Has(text, R"(consumergroup="billing",topic="audit")"));
}

TEST(KafkaExporter, NeverSaysMinusOneOfWhatIsNotKnown) {
  LagReport report = PeersReport();
  for (analysis::PairReport& pair : report.pairs) pair.committed = kUnknown;
  EXPECT_FALSE(Has(TextOf(report, With({Peer::kKafkaExporter})), "kafka_consumergroup_current"));
  report = PeersReport();
  report.partitions[3].end = kUnknown;
  const std::string text = TextOf(report, With({Peer::kKafkaExporter}));
  EXPECT_FALSE(Has(text, R"(lag{consumergroup="billing",topic="orders",partition="2"})"));
  EXPECT_FALSE(Has(text, R"(partition_current_offset{topic="orders",partition="2"})"));
}

TEST(KafkaExporter, TellsOfLeadersAndReplicas) {
  LagReport report = PeersReport();
  report.partitions[1].leader = kafka::kNoBroker;
  const std::string text = TextOf(report, With({Peer::kKafkaExporter}));
  for (const std::string_view line : {
           R"(kafka_topic_partition_leader{topic="orders",partition="1"} 1)",
           R"(kafka_topic_partition_leader_is_preferred{topic="orders",partition="0"} 0)",
           R"(kafka_topic_partition_leader_is_preferred{topic="orders",partition="1"} 0)",
           R"(kafka_topic_partition_leader_is_preferred{topic="orders",partition="2"} 1)",
           R"(kafka_topic_partition_under_replicated_partition{topic="orders",partition="1"} 0)",
           R"(kafka_topic_partition_under_replicated_partition{topic="orders",partition="2"} 1)",
           R"(kafka_topic_partition_in_sync_replica{topic="orders",partition="2"} 2)",
           R"(kafka_broker_info{id="2",address="[2001:db8::2]:9093"} 1)",
       }) {
    EXPECT_TRUE(Has(text, line)) << line;
  }
  EXPECT_FALSE(Has(text, R"(partition_leader{topic="orders",partition="0"})"));
}

TEST(Kminion, NeverShowsAPartOfASum) {
  LagReport report = PeersReport();
  report.partitions[2].end = kUnknown;
  report.group_topics[1].lag = kUnknown;
  const std::string text = TextOf(report, With({Peer::kKminion}));
  EXPECT_FALSE(Has(text, R"(topic_high_water_mark_sum{topic_name="orders"})"));
  EXPECT_TRUE(Has(text, R"(topic_low_water_mark_sum{topic_name="orders"} 300)"));
  EXPECT_FALSE(Has(text, R"(topic_lag{group_id="billing",topic_name="orders"})"));
  EXPECT_TRUE(Has(text, R"(topic_offset_sum{group_id="billing",topic_name="orders"} 495)"));
}

TEST(Kminion, IsUpAsBacklogdIs) {
  LagReport report = PeersReport();
  EXPECT_TRUE(Has(TextOf(report, With({Peer::kKminion})), "_up{version=\"backlogd\"} 1\n"));
  report.up = false;
  EXPECT_TRUE(Has(TextOf(report, With({Peer::kKminion})), "_up{version=\"backlogd\"} 0\n"));
}

TEST(KafkaLagExporter, SaysNanOfWhatIsNotKnown) {
  LagReport report = PeersReport();
  report.pairs[0].lag_ms = kUnknown;
  report.groups[0].lag_ms = kUnknown;
  report.group_topics[1].lag = kUnknown;
  const std::string text = TextOf(report, With({Peer::kKafkaLagExporter}));
  for (const std::string_view line : {
           R"(group_lag_seconds{cluster_name="east",group="billing",topic="orders",partition="0",)"
           R"(member_host="unknown",consumer_id="unknown",client_id="unknown"} NaN)",
           R"(group_lag_seconds{cluster_name="east",group="billing",topic="orders",partition="1",)"
           R"(member_host="unknown",consumer_id="unknown",client_id="unknown"} 0.5)",
           R"(group_lag{cluster_name="east",group="billing",topic="orders",partition="0",)"
           R"(member_host="unknown",consumer_id="unknown",client_id="unknown"} 150)",
           R"(group_max_lag_seconds{cluster_name="east",group="billing"} NaN)",
           R"(group_topic_sum_lag{cluster_name="east",group="billing",topic="orders"} NaN)",
       }) {
    EXPECT_TRUE(Has(text, line)) << line;
  }
  EXPECT_FALSE(Has(text, R"(sum_lag{cluster_name="east",group="billing",topic="audit")"));
}

TEST(KafkaLagExporter, TellsOfLosses) {
  const std::string text = TextOf(PeersReport(), With({Peer::kKafkaLagExporter}));
  const std::string pair = R"({cluster_name="east",group="billing",topic="orders",partition="0"} )";
  EXPECT_TRUE(Has(text, "group_messages_lost" + pair + "50\n"));
  EXPECT_TRUE(Has(text, "group_retention_margin" + pair + "-50\n"));
  EXPECT_TRUE(Has(text, "group_lag_retention_ratio" + pair + "150\n"));
  EXPECT_FALSE(Has(TextOf(PeersReport(), With({Peer::kKafkaLagExporter}), Level::kPartition),
                   "group_messages_lost"));
}

TEST(Burrow, HasItsNumbersForOurStatuses) {
  struct Case {
    Status status;
    int partition;
    int group;
  };
  for (const Case& c : std::vector<Case>{{Status::kOk, 1, 1},
                                         {Status::kCatchingUp, 1, 1},
                                         {Status::kFallingBehind, 2, 2},
                                         {Status::kRewound, 6, 3},
                                         {Status::kNotCommitting, 3, 3},
                                         {Status::kStalled, 5, 3},
                                         {Status::kStopped, 4, 3},
                                         {Status::kLosingData, 3, 3}}) {
    LagReport report = PeersReport();
    report.groups[0].status = c.status;
    report.pairs[0].status = c.status;
    const auto series = SeriesOf(Families(report, With({Peer::kBurrow})));
    const std::string pair = "|partition=0|topic=orders";
    EXPECT_EQ(series.at("burrow_kafka_consumer_status|cluster=east|consumer_group=billing"),
              c.group);
    EXPECT_EQ(series.at("kafka_burrow_status|cluster=east|group=billing"), c.group + 1);
    EXPECT_EQ(
        series.at("burrow_kafka_topic_partition_status|cluster=east|consumer_group=billing" + pair),
        c.partition);
    EXPECT_EQ(series.at("kafka_burrow_partition_status|cluster=east|group=billing" + pair),
              c.partition + 1);
  }
}

TEST(Compatibility, UnknownIsNoNumber) {
  for (const ParsedFamily& family : Families(UnknownsReport(), All())) {
    for (const ParsedSample& sample : family.samples) {
      EXPECT_FALSE(sample.value < 0) << SeriesKey(sample);
    }
  }
}

TEST(Compatibility, WithoutDataOnlyTheExportersStateIsLeft) {
  LagReport report = PeersReport();
  report.has_data = false;
  report.up = false;
  std::set<std::string> left;
  for (const ParsedFamily& family : Families(report, All())) {
    if (IsPeers(family.name)) left.insert(family.name);
  }
  EXPECT_EQ(left, (std::set<std::string>{"kminion_exporter_up", "kafka_lag_exporter_up",
                                         "kafka_lag_exporter_last_update_timestamp_seconds"}));
}

TEST(Compatibility, FollowsTheDetailLevels) {
  const auto names_at = [](Level level) {
    std::set<std::string> names;
    for (const auto& family : Families(PeersReport(), All(), level)) {
      if (IsPeers(family.name)) names.insert(family.name);
    }
    return names;
  };
  const std::set<std::string> at_topic = names_at(Level::kTopic);
  const std::set<std::string> at_group = names_at(Level::kGroup);
  for (const MetricSpec& spec : WholeCatalog().subspan(Catalog().size())) {
    std::set<std::string_view> labels(spec.labels.begin(), spec.labels.end());
    const bool of_partition = labels.contains("partition") || labels.contains("partition_id");
    const bool of_topic = labels.contains("topic") || labels.contains("topic_name");
    const bool of_group = labels.contains("group") || labels.contains("group_id") ||
                          labels.contains("consumergroup") || labels.contains("consumer_group");
    const std::string name(spec.name);
    EXPECT_EQ(at_topic.contains(name), !of_partition) << name;
    EXPECT_EQ(at_group.contains(name), !of_partition && !(of_topic && of_group)) << name;
  }
}

TEST(Compatibility, NamesThatMustBeEscapedStayApart) {
  EXPECT_NO_THROW(FamiliesOn(PageOf({NamesReport()}, All())));
}

}  // namespace
}  // namespace backlogd::exposition
