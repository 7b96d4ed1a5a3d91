#include "app/cluster_monitor.h"

#include <gtest/gtest.h>

#include "app/clock.h"
#include "blocking_client.h"
#include "fakes/fake_record_reader.h"
#include "page_text.h"
#include "recording_log.h"

namespace backlogd::app {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr Deadline kNow{1h};

// A client that says when it dies.
struct MortalClient : FakeKafkaClient {
  explicit MortalClient(int& count) : deaths(count) {}
  ~MortalClient() override { ++deaths; }
  int& deaths;
};

class ClusterMonitorTest : public testing::Test {
 protected:
  ClusterMonitorTest() { cluster_.name = "prod"; }

  std::unique_ptr<kafka::KafkaClient> MakeClient() {
    auto client = std::make_unique<MortalClient>(deaths_);
    client->metadata.brokers = {{1, "b", 9092, ""}};
    client->AddTopic("orders", 1, 100);
    client->AddGroup("billing");
    client->committed["billing"][{"orders", 0}] = 58;
    if (fails_) client->fail["FetchMetadata"] = {ErrorKind::kTimeout, "timed out"};
    client_ = client.get();
    return client;
  }

  MonitorSettings Settings() const {
    return {cluster_, poll_, analysis_, dead_letters_, config::Metrics{}, {}};
  }
  Connection Connect() {
    return {make_client_(cluster_), dead_letters_.scan ? make_reader_(cluster_) : nullptr};
  }
  bool Poll(ClusterMonitor& monitor) { return monitor.PollOnce(WallTime(1000s), kNow + 10s); }
  // What the page says of how the lookups of timestamps went.
  bool HasLookupSuccess(const std::string& value) {
    const std::string labels = "{kafka_cluster=\"prod\",step=\"offsets_for_times\"} ";
    return Page().find("backlogd_poll_step_success" + labels + value + "\n") != std::string::npos;
  }
  std::string Page() { return Text(*publisher_.page()); }

  config::Cluster cluster_;
  config::Poll poll_{1h, 10s};
  config::Analysis analysis_;
  config::DeadLetters dead_letters_;
  int deaths_ = 0;
  bool fails_ = false;                 // what clients made from now on do
  FakeKafkaClient* client_ = nullptr;  // the newest

  RecordingLog log_;
  exposition::SelfMetrics metrics_{{"1.2.3", "abc"}};
  snapshot::SteadyClock clock_ = [] { return kNow; };
  PagePublisher publisher_{1, 10min, metrics_, clock_};
  status::Board board_{{"prod"}};
  ClientFactory make_client_ = [this](const config::Cluster&) { return MakeClient(); };
  ReaderFactory make_reader_;
  Retired retired_;
  MonitorContext context_{clock_, metrics_, publisher_, board_, retired_, log_};
};

TEST_F(ClusterMonitorTest, PublishesWhatAPollSaw) {
  ClusterMonitor monitor(Settings(), Connect(), 0, context_);
  EXPECT_EQ(board_.clusters().at(0).report, nullptr);
  EXPECT_TRUE(Poll(monitor));
  ASSERT_NE(board_.clusters().at(0).report, nullptr);
  EXPECT_TRUE(board_.clusters().at(0).report->up);
  EXPECT_TRUE(publisher_.complete());
  EXPECT_NE(Page().find("backlogd_up{kafka_cluster=\"prod\"} 1\n"), std::string::npos) << Page();
  EXPECT_NE(Page().find("backlogd_group_lag_records{kafka_cluster=\"prod\",group=\"billing\"} 42"),
            std::string::npos)
      << Page();
  EXPECT_EQ(log_.Count("info cluster is up kafka_cluster=prod"), 1U);
}

TEST_F(ClusterMonitorTest, WatchesOnlyWhatTheConfigurationSelects) {
  cluster_.groups.exclude = {"bill.*"};
  cluster_.topics.include = {"other"};
  ClusterMonitor monitor(Settings(), Connect(), 0, context_);
  EXPECT_TRUE(Poll(monitor));
  EXPECT_EQ(Page().find("billing"), std::string::npos) << Page();
  EXPECT_EQ(Page().find("orders"), std::string::npos) << Page();
}

TEST_F(ClusterMonitorTest, LooksUpHowOldABacklogIs) {
  ClusterMonitor monitor(Settings(), Connect(), 0, context_);
  auto& records = client_->written[{"orders", 0}];
  for (kafka::Offset offset = 0; offset < 100; ++offset) records[offset] = WallTime(offset * 10s);
  EXPECT_TRUE(Poll(monitor));
  EXPECT_EQ(client_->calls.back(), "FetchOffsetsForTimes");
  EXPECT_TRUE(HasLookupSuccess("1")) << Page();
  EXPECT_NE(Page().find("backlogd_group_lag_seconds{kafka_cluster=\"prod\",group=\"billing\"}"),
            std::string::npos)
      << Page();
}

TEST_F(ClusterMonitorTest, SaysWhenTimesCouldNotBeLookedUp) {
  ClusterMonitor monitor(Settings(), Connect(), 0, context_);
  client_->fail["FetchOffsetsForTimes"] = {ErrorKind::kUnsupported, "too old"};
  EXPECT_TRUE(Poll(monitor));
  EXPECT_TRUE(HasLookupSuccess("0")) << Page();
  EXPECT_EQ(log_.Count("step=offsets_for_times reason=unsupported count=1 example=too old"), 1U);
}

TEST_F(ClusterMonitorTest, MeasuresTheLagOfGroupsThatReadCommittedToTheLastStableOffset) {
  analysis_.isolation_rules = {{"bill.*", config::Isolation::kReadCommitted}};
  ClusterMonitor monitor(Settings(), Connect(), 0, context_);
  client_->logs[{"orders", 0}].last_stable = 60;
  EXPECT_TRUE(Poll(monitor));
  EXPECT_NE(Page().find("backlogd_group_lag_records{kafka_cluster=\"prod\",group=\"billing\"} 2\n"),
            std::string::npos)
      << Page();
}

TEST_F(ClusterMonitorTest, SaysWhenTheClusterCouldNotBePolled) {
  fails_ = true;
  ClusterMonitor monitor(Settings(), Connect(), 0, context_);
  EXPECT_FALSE(Poll(monitor));
  EXPECT_TRUE(publisher_.complete());  // the first poll has ended
  EXPECT_NE(Page().find("backlogd_up{kafka_cluster=\"prod\"} 0\n"), std::string::npos) << Page();
  EXPECT_EQ(log_.Count("step=metadata reason=timeout count=1 example=timed out"), 1U);
  EXPECT_TRUE(HasLookupSuccess("0")) << "not tried";
}

TEST_F(ClusterMonitorTest, PublishesNothingOfAPollThatIsInterrupted) {
  ClusterMonitor monitor(Settings(), Connect(), 0, context_);
  const auto page = publisher_.page();
  monitor.RequestStop();
  EXPECT_FALSE(Poll(monitor));
  EXPECT_EQ(publisher_.page(), page);
  EXPECT_EQ(client_->deadlines.count("FetchOffsetsForTimes"), 0U);
  EXPECT_TRUE(log_.lines().empty());
}

TEST_F(ClusterMonitorTest, PollsAtOnceAndThenOnItsCadence) {
  poll_.interval = 20ms;
  poll_.timeout = 10ms;
  ClusterMonitor monitor(Settings(), Connect(), 0, context_);
  monitor.Start();
  EXPECT_TRUE(log_.WaitFor("debug poll ended", 3));
}

TEST_F(ClusterMonitorTest, EndsBetweenTwoPollsAndLetsGoOfItsClient) {
  ClusterMonitor monitor(Settings(), Connect(), 0, context_);  // an hour between polls
  monitor.Start();
  ASSERT_TRUE(log_.WaitFor("debug poll ended"));
  monitor.RequestStop();
  EXPECT_TRUE(monitor.WaitUntil(SteadyNow() + 10s));
  EXPECT_EQ(deaths_, 1);
}

TEST_F(ClusterMonitorTest, EndsInTheMiddleOfAPoll) {
  Gate gate;
  make_client_ = [&](const config::Cluster&) {
    return std::make_unique<BlockingClient>(gate, true);
  };
  ClusterMonitor monitor(Settings(), Connect(), 0, context_);
  monitor.Start();
  ASSERT_TRUE(gate.WaitUntilReached());
  monitor.RequestStop();
  EXPECT_TRUE(monitor.WaitUntil(SteadyNow() + 10s));
}

TEST_F(ClusterMonitorTest, SaysThatAPollDoesNotEnd) {
  Gate gate;
  make_client_ = [&](const config::Cluster&) {
    return std::make_unique<BlockingClient>(gate, false);
  };
  ClusterMonitor monitor(Settings(), Connect(), 0, context_);
  monitor.Start();
  ASSERT_TRUE(gate.WaitUntilReached());
  monitor.RequestStop();
  EXPECT_FALSE(monitor.WaitUntil(SteadyNow()));
  gate.Open();
  EXPECT_TRUE(monitor.WaitUntil(SteadyNow() + 10s));
}

TEST(NextTick, SkipsWhatWasMissed) {
  struct Case {
    std::chrono::milliseconds now;  // after the last tick
    std::chrono::milliseconds next;
  };
  for (const Case& c : {Case{0ms, 1000ms}, Case{1ms, 1000ms}, Case{999ms, 1000ms},
                        Case{1000ms, 2000ms}, Case{1001ms, 2000ms}, Case{59'500ms, 60'000ms}}) {
    EXPECT_EQ(NextTick(kNow, 1s, kNow + c.now), kNow + c.next) << c.now.count();
  }
}

class ReadsDeadLettersTest : public ClusterMonitorTest {
 protected:
  ReadsDeadLettersTest() {
    dead_letters_.scan = true;
    dead_letters_.scan_records = 5;
    make_reader_ = [this](const config::Cluster&) {
      auto reader = std::make_unique<FakeRecordReader>();
      reader_ = reader.get();
      return reader;
    };
    make_client_ = [this](const config::Cluster&) {
      auto client = MakeClient();
      client_->AddTopic("orders-dlt", 1, 100);
      return client;
    };
  }

  void Die(const std::string& exception) {
    reader_->logs[{"orders-dlt", 0}][client_->logs[{"orders-dlt", 0}].end] = {
        {}, {}, {{"kafka_dlt-exception-fqcn", exception}}};
    ++client_->logs[{"orders-dlt", 0}].end;
    ++client_->logs[{"orders-dlt", 0}].last_stable;
  }
  bool Shows(const std::string& line) {
    return Page().find("backlogd_" + line + "\n") != std::string::npos;
  }
  static std::string Classified(const std::string& reason, int count) {
    return "dlq_classified_records_total{kafka_cluster=\"prod\",topic=\"orders-dlt\",source_topic="
           "\"orders\",reason=\"" +
           reason + "\"} " + std::to_string(count);
  }

  FakeRecordReader* reader_ = nullptr;
};

TEST_F(ReadsDeadLettersTest, CountsNewDeadLettersByReason) {
  ClusterMonitor monitor(Settings(), Connect(), 0, context_);
  Poll(monitor);
  EXPECT_TRUE(reader_->calls.empty()) << "what lies there is not read";
  EXPECT_TRUE(Shows(Classified("timeout", 0))) << Page();
  Die("java.net.SocketTimeoutException");
  Poll(monitor);
  EXPECT_EQ(reader_->calls, std::vector<std::string>{"orders-dlt/0 100..101"});
  EXPECT_EQ(reader_->limits_asked.at(0).records, 5U);
  EXPECT_EQ(reader_->limits_asked.at(0).bytes, std::size_t{16} * 1024 * 1024);
  EXPECT_TRUE(Shows(Classified("timeout", 1))) << Page();
  EXPECT_TRUE(Shows("dlq_records_total{kafka_cluster=\"prod\",topic=\"orders-dlt\"} 1"));
}

TEST_F(ReadsDeadLettersTest, TellsOfAQueueThatItMayNotRead) {
  ClusterMonitor monitor(Settings(), Connect(), 0, context_);
  Poll(monitor);
  Die("java.net.SocketTimeoutException");
  reader_->fail[{"orders-dlt", 0}] = {ErrorKind::kUnauthorized, "orders-dlt/0: READ is missing"};
  EXPECT_TRUE(Poll(monitor));
  EXPECT_TRUE(Shows("dlq_scan_failures_total{kafka_cluster=\"prod\",topic=\"orders-dlt\"} 1"));
  EXPECT_TRUE(
      Shows("poll_failures_total{kafka_cluster=\"prod\",step=\"read_dead_letters\","
            "reason=\"unauthorized\"} 1"))
      << Page();
  EXPECT_TRUE(Shows("up{kafka_cluster=\"prod\"} 1"));
}

TEST_F(ReadsDeadLettersTest, StopsTheReaderToo) {
  ClusterMonitor monitor(Settings(), Connect(), 0, context_);
  Poll(monitor);
  monitor.RequestStop();
  EXPECT_TRUE(reader_->interrupted);
}

TEST_F(ReadsDeadLettersTest, ReadsNothingUnlessItIsAsked) {
  dead_letters_.scan = false;
  ClusterMonitor monitor(Settings(), Connect(), 0, context_);
  Poll(monitor);
  EXPECT_EQ(reader_, nullptr);
  EXPECT_TRUE(Shows("poll_step_success{kafka_cluster=\"prod\",step=\"read_dead_letters\"} 1"));
  EXPECT_EQ(Page().find("dlq_classified"), std::string::npos);
}

TEST_F(ReadsDeadLettersTest, SeesTheToolsGroupWhateverIsWatched) {
  cluster_.groups.include = {"billing"};
  ClusterMonitor monitor(Settings(), Connect(), 0, context_);
  client_->AddGroup("backlogd-dlq.orders-dlt");
  client_->committed["backlogd-dlq.orders-dlt"][{"orders-dlt", 0}] = 40;
  client_->committed_metadata["backlogd-dlq.orders-dlt"][{"orders-dlt", 0}] =
      "backlogd-dlq 1 discarded=40";
  Poll(monitor);
  EXPECT_TRUE(
      Shows("dlq_pending_records{kafka_cluster=\"prod\",group=\"backlogd-dlq.orders-dlt\","
            "topic=\"orders-dlt\"} 60"))
      << Page();
  EXPECT_TRUE(
      Shows("dlq_handled_records_total{kafka_cluster=\"prod\",topic=\"orders-dlt\","
            "action=\"discarded\"} 40"));
  EXPECT_EQ(Page().find("group_lag_records{kafka_cluster=\"prod\",group=\"backlogd-dlq"),
            std::string::npos);
}

}  // namespace
}  // namespace backlogd::app
