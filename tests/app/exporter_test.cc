#include "app/exporter.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "app/clock.h"
#include "blocking_client.h"
#include "page_text.h"
#include "recording_log.h"

namespace backlogd::app {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;

config::Config TwoClusters() {
  config::Config config;
  config.clusters.resize(2);
  config.clusters[0].name = "first";
  config.clusters[1].name = "second";
  return config;
}

class ExporterTest : public testing::Test {
 protected:
  static std::string Text(Exporter& exporter) { return app::Text(*exporter.publisher().page()); }

  config::Config config_ = TwoClusters();
  RecordingLog log_;
  exposition::SelfMetrics metrics_{{"1.2.3", "abc"}};
};

TEST_F(ExporterTest, PollsEveryClusterOnce) {
  const Factories factories{[](const config::Cluster& cluster) {
                              auto client = std::make_unique<FakeKafkaClient>();
                              client->AddTopic("topic-of-" + cluster.name, 1);
                              return client;
                            },
                            {}};
  Exporter exporter(config_, factories, metrics_, log_);
  EXPECT_TRUE(exporter.PollOnce());
  EXPECT_TRUE(exporter.publisher().complete());
  EXPECT_NE(Text(exporter).find("topic-of-first"), std::string::npos);
  EXPECT_NE(Text(exporter).find("topic-of-second"), std::string::npos);
}

// Each name of the configuration is the exporter of that name, and clusters are told apart.
TEST_F(ExporterTest, ServesTheNamesOfOtherExporters) {
  const std::map<std::string, std::string> series = {
      {"kafka_exporter", "kafka_topic_partitions{kafka_cluster=\"first\",topic=\"t\"} 1\n"},
      {"kminion", "kminion_exporter_up{kafka_cluster=\"second\",version=\"backlogd\"} 1\n"},
      {"kafka_lag_exporter", "kafka_lag_exporter_up{cluster_name=\"second\"} 1\n"},
      {"burrow", "burrow_kafka_topic_partition_offset{cluster=\"first\",topic=\"t\","}};
  for (const std::string_view peer : config::kPeers) {
    config_.compatibility = {std::string(peer)};
    const Factories factories{[](const config::Cluster&) {
                                auto client = std::make_unique<FakeKafkaClient>();
                                client->AddTopic("t", 1);
                                return client;
                              },
                              {}};
    Exporter exporter(config_, factories, metrics_, log_);
    EXPECT_TRUE(exporter.PollOnce());
    for (const auto& [name, line] : series) {
      EXPECT_EQ(Text(exporter).find(line) != std::string::npos, name == peer) << line;
    }
  }
}

TEST_F(ExporterTest, SaysThatSomeClusterCouldNotBePolled) {
  const Factories factories{[](const config::Cluster& cluster) {
                              auto client = std::make_unique<FakeKafkaClient>();
                              if (cluster.name == "first")
                                client->fail["FetchMetadata"] = FakeKafkaClient::Down(1);
                              return client;
                            },
                            {}};
  Exporter exporter(config_, factories, metrics_, log_);
  EXPECT_FALSE(exporter.PollOnce());
  EXPECT_NE(Text(exporter).find("backlogd_up{kafka_cluster=\"first\"} 0"), std::string::npos);
  EXPECT_NE(Text(exporter).find("backlogd_up{kafka_cluster=\"second\"} 1"), std::string::npos);
}

TEST_F(ExporterTest, LetsNoClusterDelayAnother) {
  Gate gate;
  const Factories factories{
      [&](const config::Cluster& cluster) -> std::unique_ptr<kafka::KafkaClient> {
        if (cluster.name == "first") return std::make_unique<BlockingClient>(gate, true);
        return std::make_unique<FakeKafkaClient>();
      },
      {}};
  Exporter exporter(config_, factories, metrics_, log_);
  exporter.Start();
  ASSERT_TRUE(gate.WaitUntilReached());
  EXPECT_TRUE(log_.WaitFor("debug poll ended kafka_cluster=second"));
  EXPECT_NE(Text(exporter).find("backlogd_up{kafka_cluster=\"second\"} 1"), std::string::npos);
  EXPECT_FALSE(exporter.publisher().complete());
  EXPECT_TRUE(exporter.Stop(SteadyNow() + 10s));
}

TEST_F(ExporterTest, DoesNotWaitForeverForAClusterThatDoesNotEnd) {
  Gate gate;
  const Factories factories{
      [&](const config::Cluster&) { return std::make_unique<BlockingClient>(gate, false); }, {}};
  Exporter exporter(config_, factories, metrics_, log_);
  exporter.Start();
  ASSERT_TRUE(gate.WaitUntilReached());
  EXPECT_FALSE(exporter.Stop(SteadyNow()));
  gate.Open();
  EXPECT_TRUE(exporter.Stop(SteadyNow() + 10s));
}

TEST_F(ExporterTest, LivesUnlessAPollGoesOnForFarTooLong) {
  Gate gate;
  const Factories factories{
      [&](const config::Cluster&) { return std::make_unique<BlockingClient>(gate, true); }, {}};
  Exporter exporter(config_, factories, metrics_, log_);
  EXPECT_TRUE(exporter.Alive(SteadyNow() + 1h));  // not started
  exporter.Start();
  ASSERT_TRUE(gate.WaitUntilReached());
  EXPECT_TRUE(exporter.Alive(SteadyNow() + 5 * config_.poll.timeout));
  EXPECT_FALSE(exporter.Alive(SteadyNow() + 1h));
  gate.Open();
  EXPECT_TRUE(log_.WaitFor("debug poll ended kafka_cluster=first"));
  EXPECT_TRUE(log_.WaitFor("debug poll ended kafka_cluster=second"));
  EXPECT_TRUE(exporter.Stop(SteadyNow() + 10s));
  EXPECT_TRUE(exporter.Alive(SteadyNow() + 1h));
}

TEST_F(ExporterTest, CannotBeMadeWithoutAClient) {
  const auto refuse = [](const config::Cluster&) -> std::unique_ptr<kafka::KafkaClient> {
    throw config::ConfigError("clusters[0].properties: no such property");
  };
  EXPECT_THROW(Exporter(config_, {refuse, {}}, metrics_, log_), config::ConfigError);
}

}  // namespace
}  // namespace backlogd::app
