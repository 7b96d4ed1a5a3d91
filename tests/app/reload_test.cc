#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <stdexcept>
#include <thread>

#include "app/clock.h"
#include "app/exporter.h"
#include "app/reloader.h"
#include "blocking_client.h"
#include "page_text.h"
#include "recording_log.h"

namespace backlogd::app {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;

// What the clusters say, whoever asks.
struct Brokers {
  std::string cluster_id = "id";
  std::int64_t end = 100;
};

config::Cluster Named(const std::string& name) {
  config::Cluster cluster;
  cluster.name = name;
  return cluster;
}

class ReloadTest : public testing::Test {
 protected:
  ReloadTest() {
    config_.poll = {1h, 10s};  // what is polled is polled because of a reload
    config_.clusters = {Named("first"), Named("second")};
  }

  Factories MakeFactories() {
    const auto make = [this](const config::Cluster& cluster) {
      if (cluster.bootstrap_servers == "bad") {
        throw config::ConfigError("properties.debug", "no such value");
      }
      ++made_[cluster.name];
      auto client = std::make_unique<FakeKafkaClient>();
      client->metadata.cluster_id = brokers_[cluster.name].cluster_id;
      client->metadata.brokers = {{1, "b", 9092, ""}};
      client->AddTopic("orders", 1, brokers_[cluster.name].end);
      client->AddTopic("bills", 1, 7);
      client->AddGroup("billing");
      client->AddGroup("audit");
      client->committed["billing"][{"orders", 0}] = 58;
      client->committed["audit"][{"orders", 0}] = 50;
      return client;
    };
    return {make, {}};
  }

  // Reloads once the first polls have ended.
  ClusterChanges Reload() { return exporter_->Reload(config_, MakeFactories()); }
  void Start() {
    exporter_.emplace(config_, MakeFactories(), metrics_, log_);
    exporter_->Start();
    for (const config::Cluster& cluster : config_.clusters) AwaitPolls(cluster.name, 1);
    EXPECT_TRUE(InTime([&] { return exporter_->publisher().complete(); }));
  }
  static bool InTime(const std::function<bool()>& condition) {
    const Deadline until = SteadyNow() + 20s;
    while (!condition() && SteadyNow() < until) std::this_thread::yield();
    return condition();
  }
  // Waits until the page shows that many polls. What the last one found may come a moment later, if
  // another cluster's page tells of it first.
  void AwaitPolls(const std::string& name, int polls) {
    EXPECT_TRUE(Comes("backlogd_poll_duration_seconds_count{kafka_cluster=\"" + name + "\"} " +
                      std::to_string(polls) + "\n"))
        << Page();
  }
  bool Comes(const std::string& text) {
    return InTime([&] { return Shows(text); });
  }
  bool Goes(const std::string& text) {
    return InTime([&] { return !Shows(text); });
  }
  std::string Page() { return Text(*exporter_->publisher().page()); }
  bool Shows(const std::string& text) { return Page().find(text) != std::string::npos; }

  using Names = std::vector<std::string>;

  config::Config config_;
  std::map<std::string, int> made_;  // clients
  std::map<std::string, Brokers> brokers_;
  RecordingLog log_;
  exposition::SelfMetrics metrics_{{"1.2.3", "abc"}};
  std::optional<Exporter> exporter_;
};

TEST_F(ReloadTest, LeavesAClusterAloneThatIsNotChanged) {
  Start();
  const ClusterChanges changes = Reload();
  EXPECT_EQ(changes.added, Names{});
  EXPECT_EQ(changes.changed, Names{});
  EXPECT_EQ(changes.removed, Names{});
  EXPECT_EQ(made_["first"], 1);
  AwaitPolls("first", 1);
}

TEST_F(ReloadTest, AddsAndRemovesClusters) {
  Start();
  config_.clusters = {Named("third"), Named("first")};
  const ClusterChanges changes = Reload();
  EXPECT_EQ(changes.added, Names{"third"});
  EXPECT_EQ(changes.removed, Names{"second"});
  EXPECT_FALSE(Shows("kafka_cluster=\"second\"")) << Page();
  AwaitPolls("third", 1);
  AwaitPolls("first", 1);
  EXPECT_TRUE(
      Comes("backlogd_up{kafka_cluster=\"third\"} 1\n"
            "backlogd_up{kafka_cluster=\"first\"} 1\n"))
      << Page();
  ASSERT_EQ(exporter_->board().clusters().size(), 2U);
  EXPECT_EQ(exporter_->board().clusters()[0].name, "third");
  EXPECT_TRUE(exporter_->publisher().complete());
}

TEST_F(ReloadTest, BeginsAnewWithAClusterThatWasRemovedBefore) {
  Start();
  config_.clusters = {Named("first")};
  Reload();
  config_.clusters = {Named("first"), Named("second")};
  EXPECT_EQ(Reload().added, Names{"second"});
  AwaitPolls("second", 1);
}

TEST_F(ReloadTest, StaysReadyWhileANewClusterIsPolledForTheFirstTime) {
  Start();
  Gate gate;
  config_.clusters.push_back(Named("third"));
  exporter_->Reload(
      config_,
      {[&](const config::Cluster&) { return std::make_unique<BlockingClient>(gate, true); }, {}});
  ASSERT_TRUE(gate.WaitUntilReached());
  EXPECT_TRUE(exporter_->publisher().complete());
  exporter_.reset();  // before the gate
}

TEST_F(ReloadTest, FollowsPatternsWithTheClientAndTheHistoryThatItHas) {
  config_.clusters[0].groups.exclude = {"audit"};
  config_.clusters[0].topics.include = {"orders"};
  Start();
  EXPECT_FALSE(Shows("kafka_cluster=\"first\",group=\"audit\""));
  config_.clusters[0].groups.exclude = {"billing"};
  config_.clusters[0].topics.include = {".*"};
  EXPECT_EQ(Reload().changed, Names{"first"});
  AwaitPolls("first", 2);
  EXPECT_EQ(made_["first"], 1);
  EXPECT_TRUE(Comes("backlogd_group_lag_records{kafka_cluster=\"first\",group=\"audit\"} 50\n"));
  EXPECT_TRUE(Goes("kafka_cluster=\"first\",group=\"billing\"")) << Page();
  EXPECT_TRUE(
      Comes("backlogd_topic_retained_records{kafka_cluster=\"first\",topic=\"bills\"} 7\n"));
  EXPECT_TRUE(Comes("backlogd_up{kafka_cluster=\"first\"} 1\n"));
  AwaitPolls("second", 1);
}

TEST_F(ReloadTest, AsksAnotherAddressAndKeepsWhatItCounted) {
  Start();
  brokers_["first"].end = 130;
  config_.clusters[0].bootstrap_servers = "elsewhere:9092";
  EXPECT_EQ(Reload().changed, Names{"first"});
  EXPECT_EQ(made_["first"], 2);
  AwaitPolls("first", 2);
  EXPECT_TRUE(
      Comes("backlogd_topic_records_produced_total{kafka_cluster=\"first\",topic=\"orders\"} 30\n"))
      << Page();
  EXPECT_EQ(log_.Count("another cluster answers"), 0U);
}

TEST_F(ReloadTest, ForgetsWhatItKnowsOfAClusterWhenAnotherAnswers) {
  Start();
  brokers_["first"] = {"other", 130};
  config_.clusters[0].bootstrap_servers = "elsewhere:9092";
  Reload();
  AwaitPolls("first", 2);
  EXPECT_TRUE(
      Comes("backlogd_topic_records_produced_total{kafka_cluster=\"first\",topic=\"orders\"} 0\n"))
      << Page();
  EXPECT_EQ(log_.Count("another cluster answers"), 1U);
}

TEST_F(ReloadTest, ReadsFilesOfSecretsAgain) {
  config_.clusters[0].properties = {{"sasl.password", "old"}};
  Start();
  config_.clusters[0].properties = {{"sasl.password", "new"}};
  EXPECT_EQ(Reload().changed, Names{"first"});
  EXPECT_EQ(made_["first"], 2);
}

TEST_F(ReloadTest, FollowsOtherNumbersWithTheClientThatItHas) {
  Start();
  config_.poll.timeout = 7s;
  config_.analysis.window = 600s;
  config_.analysis.isolation = config::Isolation::kReadCommitted;
  EXPECT_EQ(Reload().changed, (Names{"first", "second"}));
  AwaitPolls("first", 2);
  AwaitPolls("second", 2);
  EXPECT_EQ(made_["first"], 1);
  EXPECT_TRUE(Comes("backlogd_group_lag_records{kafka_cluster=\"first\",group=\"billing\"} 42\n"));
}

// A client's statistics are of one interval each.
TEST_F(ReloadTest, MakesClientsForAnotherIntervalAndKeepsTheHistory) {
  Start();
  brokers_["first"].end = 130;
  config_.poll.interval = 2h;
  EXPECT_EQ(Reload().changed, (Names{"first", "second"}));
  EXPECT_EQ(made_["first"], 2);
  AwaitPolls("first", 2);
  EXPECT_TRUE(
      Comes("backlogd_topic_records_produced_total{kafka_cluster=\"first\",topic=\"orders\"} 30\n"))
      << Page();
}

TEST_F(ReloadTest, ShowsLessDetail) {
  Start();
  EXPECT_TRUE(Comes("backlogd_group_partition_lag_records{"));
  config_.metrics.detail = config::Detail::kGroup;
  Reload();
  AwaitPolls("first", 2);
  AwaitPolls("second", 2);
  EXPECT_TRUE(Goes("backlogd_group_partition_lag_records{")) << Page();
}

TEST_F(ReloadTest, ChangesNothingIfAClientCannotBeMade) {
  Start();
  const std::string page = Page();
  config_.clusters = {Named("first"), Named("third"), Named("fourth")};
  config_.clusters[0].bootstrap_servers = "elsewhere";
  config_.clusters[2].bootstrap_servers = "bad";
  EXPECT_THROW(Reload(), config::ConfigError);
  EXPECT_EQ(Page(), page);
  EXPECT_EQ(exporter_->board().clusters().size(), 2U);
}

TEST_F(ReloadTest, DoesNotWaitForAPollThatHangs) {
  Gate gate;
  const auto make = [&](const config::Cluster&) {
    return std::make_unique<BlockingClient>(gate, true);
  };
  exporter_.emplace(config_, Factories{make, {}}, metrics_, log_);
  exporter_->Start();
  ASSERT_TRUE(gate.WaitUntilReached());
  config_.clusters.pop_back();
  config_.clusters[0].bootstrap_servers = "elsewhere";
  Reload();
  AwaitPolls("first", 1);  // what the poll found that hung is not told
  EXPECT_TRUE(Comes("backlogd_up{kafka_cluster=\"first\"} 1\n"));
  EXPECT_FALSE(Shows("kafka_cluster=\"second\""));
  exporter_.reset();  // before the gate
}

TEST_F(ReloadTest, IsRefusedOnceTheProgramStops) {
  Start();
  EXPECT_TRUE(exporter_->Stop(SteadyNow() + 10s));
  EXPECT_THROW(Reload(), std::runtime_error);
}

TEST_F(ReloadTest, GoesOnWhilePagesAreRead) {
  Start();
  std::jthread reader([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      EXPECT_FALSE(Page().empty());
      for (const auto& view : exporter_->board().clusters()) EXPECT_NE(view.trends, nullptr);
    }
  });
  for (int i = 0; i < 20; ++i) {
    config_.clusters = {Named("first"), Named(i % 2 == 0 ? "third" : "second")};
    config_.clusters[0].bootstrap_servers = i % 3 == 0 ? "here" : "there";
    config_.metrics.detail = i % 2 == 0 ? config::Detail::kGroup : config::Detail::kFull;
    Reload();
  }
  EXPECT_TRUE(exporter_->Stop(SteadyNow() + 10s));
}

class ReloaderTest : public ReloadTest {
 protected:
  ReloaderTest() { Start(); }

  Loaded Load() {
    if (broken_) throw config::ConfigError("backlogd.yaml:1:1: poll: is wrong");
    return {std::make_shared<const config::Config>(config_), MakeFactories()};
  }

  bool broken_ = false;
  config::Logging logging_;
  Reloader reloader_{
      config_.web,
      *exporter_,
      {[this] { return Load(); }, [this](const config::Logging& options) { logging_ = options; },
       metrics_, log_}};
};

TEST_F(ReloaderTest, SaysWhatChanged) {
  config_.clusters = {Named("first"), Named("third")};
  config_.clusters[0].topics.exclude = {"bills"};
  config_.log.level = LogLevel::kDebug;
  const Reloader::Outcome outcome = reloader_.Reload();
  EXPECT_TRUE(outcome.success);
  EXPECT_EQ(outcome.text, "reloaded; clusters added: third; changed: first; removed: second\n");
  EXPECT_EQ(logging_.level, LogLevel::kDebug);
  EXPECT_TRUE(Shows("backlogd_config_reload_success 1\n"));
  EXPECT_EQ(log_.Count("info configuration reloaded clusters_added=third clusters_changed=first "
                       "clusters_removed=second"),
            1U);
}

TEST_F(ReloaderTest, SaysWhatNeedsARestart) {
  config_.web.listen_addresses = {":1"};
  config_.web.telemetry_path = "/m";
  const Reloader::Outcome outcome = reloader_.Reload();
  EXPECT_TRUE(outcome.success);
  EXPECT_EQ(outcome.text,
            "reloaded; clusters added: none; changed: none; removed: none\n"
            "not applied before a restart: web.listen_addresses, web.telemetry_path\n");
  EXPECT_EQ(log_.Count("keys=web.listen_addresses, web.telemetry_path"), 1U);
}

TEST_F(ReloaderTest, ChangesNothingButTheMetricsIfTheFileIsWrong) {
  EXPECT_TRUE(reloader_.Reload().success);
  broken_ = true;
  config_.clusters.pop_back();
  const Reloader::Outcome outcome = reloader_.Reload();
  EXPECT_FALSE(outcome.success);
  EXPECT_EQ(outcome.text, "not reloaded, nothing has changed: backlogd.yaml:1:1: poll: is wrong\n");
  EXPECT_TRUE(Shows("backlogd_config_reload_success 0\n")) << Page();
  EXPECT_TRUE(Shows("backlogd_config_reload_timestamp_seconds "));
  EXPECT_TRUE(Comes("backlogd_up{kafka_cluster=\"second\"} 1\n"));
  EXPECT_EQ(log_.Count("error configuration not reloaded: nothing has changed error=backlogd.yaml"),
            1U);
  broken_ = false;
  EXPECT_TRUE(reloader_.Reload().success);
  EXPECT_TRUE(Shows("backlogd_config_reload_success 1\n"));
}

}  // namespace
}  // namespace backlogd::app
