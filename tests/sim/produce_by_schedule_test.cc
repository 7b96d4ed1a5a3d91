#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "sim/commands.h"
#include "sim/failure.h"
#include "sim/produce_site.h"

namespace backlogd::sim {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

struct Site : ProduceSite {
  Site() {
    settings.timeout = 2s;
    settings.produce.schedule = config::Schedule::kConstant;
    settings.produce.rate = 20'000;
    settings.produce.records = 1000;
    settings.produce.seed = 1;
  }

  int Run() { return RunProduce(Open()); }
  Json Report() const { return Json::parse(out.str()); }
};

TEST(ProduceBySchedule, SendsSoManyRecords) {
  Site site;
  site.settings.produce.value_bytes = 10;
  site.settings.produce.max_value_bytes = 20;
  site.settings.produce.timestamp_behind = 1h;
  EXPECT_EQ(site.Run(), kExitDone);
  const auto written = site.written.Copy();
  ASSERT_EQ(written.size(), 1000U);
  std::map<std::size_t, int> sizes;
  for (const FakeTopicLog::Written& record : written) {
    EXPECT_EQ(record.topic, "usa.offer");
    EXPECT_TRUE(record.key->starts_with("key-"));
    EXPECT_EQ(record.timestamp, site.with.wall_now() - 1h);
    ++sizes[record.value.size()];
  }
  EXPECT_EQ(sizes.begin()->first, 10U);
  EXPECT_EQ(sizes.rbegin()->first, 20U);
  const Json report = site.Report();
  EXPECT_EQ(report["topic"], "usa.offer");
  EXPECT_EQ(report["accepted"], 1000);
  EXPECT_EQ(report["acknowledged"], 1000);
  EXPECT_EQ(report["fault"], nullptr);
  EXPECT_GE(report["seconds"].get<double>(), 0.045) << "1000 at 20,000 a second";
  EXPECT_NEAR(report["latency_ms"]["p99"].get<double>(), 2, 0.05);
}

TEST(ProduceBySchedule, EndsWhenItIsStopped) {
  Site site;
  site.json = false;
  site.settings.produce.records = 0;
  site.settings.produce.rate = 1000;
  auto ended = std::async(std::launch::async, [&] { return site.Run(); });
  while (site.written.Copy().empty()) std::this_thread::yield();
  site.stop.Request();
  ASSERT_EQ(ended.wait_for(10s), std::future_status::ready);
  EXPECT_EQ(ended.get(), kExitDone);
  const std::string sent = std::to_string(site.written.Copy().size());
  EXPECT_NE(site.out.str().find("records acknowledged  " + sent + "\n"), std::string::npos)
      << site.out.str();
}

TEST(ProduceBySchedule, FailsWhenARecordIsLost) {
  Site site;
  site.written.fail_delivery = Error{ErrorKind::kOther, "no such leader"};
  EXPECT_EQ(site.Run(), kExitFailed);
  EXPECT_EQ(site.Report()["failed"], 1000);
  EXPECT_EQ(site.Report()["errors"]["no such leader"], 1000);
}

TEST(ProduceBySchedule, FailsWhenNothingIsAcknowledged) {
  Site site;
  site.settings.timeout = 50ms;
  site.settings.produce.records = 10;
  site.written.answering = false;
  EXPECT_EQ(site.Run(), kExitFailed);
  EXPECT_EQ(site.Report()["unknown"], 10);
}

TEST(ProduceBySchedule, EndsWhenRecordsAreRefused) {
  Site site;
  site.written.refuse = Error{ErrorKind::kOther, "too large"};
  EXPECT_EQ(site.Run(), kExitFailed);
  EXPECT_EQ(site.Report()["fault"], "records cannot be sent: too large");
}

TEST(ProduceBySchedule, DemandsTheTopic) {
  Site site;
  site.topics.clear();
  EXPECT_THROW(site.Run(), Failure);
}

TEST(ProduceBySchedule, SendsInTransactions) {
  Site site;
  site.settings.produce.records = 100;
  site.settings.produce.transaction_records = 30;
  EXPECT_EQ(site.Run(), kExitDone);
  const std::vector<std::string> calls = {"Open",  "Begin",  "Commit", "Begin", "Commit",
                                          "Begin", "Commit", "Begin",  "Commit"};
  EXPECT_EQ(site.written.calls, calls);
  EXPECT_EQ(site.written.Copy().size(), 100U);
}

TEST(ProduceBySchedule, AbortsAShareOfTheTransactions) {
  Site site;
  site.settings.produce.transaction_records = 10;
  site.settings.produce.abort_rate = 0.3;
  EXPECT_EQ(site.Run(), kExitDone);
  std::map<std::string, int> calls;
  for (const std::string& call : site.written.calls) ++calls[call];
  EXPECT_EQ(calls["Begin"], 100);
  EXPECT_EQ(calls["Commit"] + calls["Abort"], 100);
  EXPECT_NEAR(calls["Abort"], 30, 20);
  EXPECT_EQ(site.Report()["aborted"], calls["Abort"] * 10);
  int uncommitted = 0;
  for (const auto& record : site.written.Copy()) uncommitted += record.committed ? 0 : 1;
  EXPECT_EQ(uncommitted, calls["Abort"] * 10);
}

TEST(ProduceBySchedule, ReportsATransactionThatCannotBeCommitted) {
  Site site;
  site.settings.produce.transaction_records = 10;
  site.written.fail["Commit"] = Error{ErrorKind::kTimeout, "timed out"};
  EXPECT_EQ(site.Run(), kExitFailed);
  EXPECT_EQ(site.Report()["fault"], "a transaction could not be committed: timed out");
}

}  // namespace
}  // namespace backlogd::sim
