#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "sim/commands.h"
#include "sim/failure.h"
#include "sim/group_site.h"

namespace backlogd::sim {
namespace {

using config::CommitMode;
using config::Fault;
using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kGroup = "wps.file.consumer.group";

class Consume : public testing::Test {
 protected:
  Consume() { settings().handling_ms = 0; }

  config::SimConsume& settings() { return site.settings.consume; }

  // Runs until the condition holds, which is to happen within 20 s, and then asks it to stop.
  json RunUntil(const std::function<bool()>& condition) {
    std::jthread stopper([&] {
      const auto deadline = std::chrono::steady_clock::now() + seconds(20);
      while (!condition() && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(milliseconds(1));
      }
      site.stop.Request();
    });
    return Run();
  }
  json Run() {
    EXPECT_EQ(RunConsume(site.Open()), kExitDone);
    return json::parse(site.out.str());
  }
  std::string FailureOf() {
    try {
      RunConsume(site.Open());
    } catch (const Failure& e) {
      return e.what();
    }
    return "";
  }
  bool AllCommitted(int count) { return site.cluster.CommittedSum(kGroup) == count; }

  GroupSite site;
};

TEST_F(Consume, CommitsAllThatIsHandledInEveryMode) {
  for (const auto mode : {CommitMode::kRecord, CommitMode::kBatch, CommitMode::kPeriodic}) {
    for (const int members : {1, 3, 5}) {
      GroupSite fresh;
      fresh.Fill(100);
      fresh.settings.consume.commit = mode;
      fresh.settings.consume.members = members;
      fresh.settings.consume.records = 100;
      EXPECT_EQ(RunConsume(fresh.Open()), kExitDone);
      const json report = json::parse(fresh.out.str());
      EXPECT_EQ(report["handled"], 100);
      EXPECT_EQ(report["committed"], 100);
      EXPECT_EQ(report["members"].size(), static_cast<std::size_t>(members));
      EXPECT_EQ(fresh.cluster.CommittedSum(kGroup), 100);
      EXPECT_EQ(fresh.cluster.MembersOf(kGroup), 0u);
    }
  }
}

TEST_F(Consume, NeverCommitsWhereItIsTheBug) {
  site.Fill(30);
  settings().commit = CommitMode::kNever;
  settings().records = 30;
  const json report = Run();
  EXPECT_EQ(report["handled"], 30);
  EXPECT_EQ(report["committed"], 0);
  EXPECT_EQ(report["not_committed"], 30);
  EXPECT_EQ(site.cluster.CommittedSum(kGroup), 0);
}

TEST_F(Consume, StopsInTheMiddleOfARecordWithoutHandlingIt) {
  site.Fill(9);
  settings().handling_ms = 3'600'000;
  const auto begun = std::chrono::steady_clock::now();
  const json report = RunUntil([&] { return site.cluster.MembersOf(kGroup) == 1; });
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(10));
  EXPECT_EQ(report["handled"], 0);
  EXPECT_EQ(report["committed"], 0);
}

TEST_F(Consume, LosesAndRepeatsNothingOverStops) {
  constexpr int kRecords = 600;
  site.Fill(kRecords);
  settings().commit = CommitMode::kPeriodic;
  settings().commit_interval = seconds(60);  // only the stop commits
  settings().members = 3;
  settings().handling_ms = 1;
  settings().batch = 7;
  std::int64_t handled = 0;
  for (int run = 1; run <= 3; ++run) {
    GroupSite& same = site;
    cli::Stop stop;
    std::ostringstream out;
    Surroundings with{.out = out,
                      .err = same.err,
                      .wall_now = same.with.wall_now,
                      .steady_now = same.with.steady_now,
                      .stop = stop,
                      .make_client = same.with.make_client,
                      .make_reader = {},
                      .make_producer = same.with.make_producer,
                      .make_member = same.with.make_member,
                      .make_admin = same.with.make_admin};
    same.settings.consume.records = run < 3 ? 150 : kRecords - handled;
    ASSERT_EQ(RunConsume(Session(same.settings, true, with, same.log)), kExitDone);
    const json report = json::parse(out.str());
    EXPECT_EQ(report["committed"], report["handled"]);
    handled += report["handled"].get<std::int64_t>();
    EXPECT_EQ(site.cluster.CommittedSum(kGroup), handled);
  }
  EXPECT_EQ(handled, kRecords);
}

TEST_F(Consume, PutsWhatFailsIntoTheDeadLetterTopic) {
  site.Fill(30);
  settings().records = 30;
  settings().failures.rate = 1;
  settings().failures.retries = 2;
  settings().failures.retry_backoff = milliseconds(0);
  const json report = Run();
  EXPECT_EQ(report["handled"], 30);
  EXPECT_EQ(report["committed"], 30);
  EXPECT_EQ(report["dead_lettered"], 30);
  EXPECT_EQ(report["retried"], 2 * 18);  // three of five kinds are tried again
  EXPECT_EQ(report["dead_letters"]["topic"], "usa.offer-dlt");
  for (const auto& [reason, count] : report["dead_letters"]["by_reason"].items()) {
    EXPECT_EQ(count, 6) << reason;
  }
  EXPECT_EQ(site.cluster.created, std::vector<std::string>{"usa.offer-dlt/3"});
  const auto letters = site.cluster.RecordsOf("usa.offer-dlt");
  ASSERT_EQ(letters.size(), 30u);
  EXPECT_EQ(letters[0].value, "0");
  EXPECT_EQ(letters[0].key, "key-0");
  EXPECT_EQ(letters[0].headers[0], FakeRecord::Header("own", "header"));
  EXPECT_EQ(letters[0].headers.size(), 11u);
}

TEST_F(Consume, TriesADeadLetterAgainUntilItIsWritten) {
  site.Fill(3);
  settings().records = 3;
  settings().failures.rate = 1;
  settings().failures.retries = 0;
  site.cluster.fail["deliver"] = {{ErrorKind::kTimeout, "timed out"}};
  const json report = Run();
  EXPECT_EQ(report["dead_lettered"], 3);
  EXPECT_EQ(site.cluster.RecordsOf("usa.offer-dlt").size(), 3u);
}

TEST_F(Consume, EndsWhereItMayNotWriteDeadLetters) {
  site.Fill(3);
  settings().failures.rate = 1;
  settings().failures.retries = 0;
  site.cluster.fail["deliver"] = {{ErrorKind::kUnauthorized, "usa.offer-dlt: no ACL allows Write"}};
  EXPECT_EQ(FailureOf(), "usa.offer-dlt: no ACL allows Write");
  EXPECT_EQ(site.cluster.CommittedSum(kGroup), 0);
  EXPECT_EQ(site.cluster.MembersOf(kGroup), 0u);
}

TEST_F(Consume, SaysWhichTopicForDeadLettersCannotBeMade) {
  settings().failures.rate = 1;
  site.cluster.fail["CreateTopic"] = {{ErrorKind::kUnauthorized, "usa.offer-dlt: not allowed"}};
  EXPECT_EQ(FailureOf(),
            "usa.offer-dlt: not allowed; create the topic for dead letters, usa.offer-dlt, or name "
            "another in consume.failures.dead_letter_topic");
}

TEST_F(Consume, EndsWithWhatWillNotPass) {
  struct Case {
    const char* call;
    Error error;
    const char* expected;
  };
  for (const Case& each :
       {Case{"Poll", {ErrorKind::kUnauthorized, "no ACL allows Read"}, "no ACL allows Read"},
        Case{"Commit", {ErrorKind::kUnauthorized, "no ACL allows Read"}, "no ACL allows Read"},
        Case{"Subscribe", {ErrorKind::kOther, "cannot subscribe"}, "cannot subscribe"}}) {
    GroupSite fresh;
    fresh.Fill(3);
    fresh.cluster.fail[each.call] = {each.error};
    try {
      RunConsume(fresh.Open());
      ADD_FAILURE() << each.call;
    } catch (const Failure& e) {
      EXPECT_STREQ(e.what(), each.expected);
    }
  }
}

TEST_F(Consume, GoesOnAfterWhatPasses) {
  site.Fill(30);
  settings().records = 30;
  settings().batch = 5;
  const Error passing{ErrorKind::kOther, "rebalance in progress"};
  site.cluster.fail["Poll"] = {passing};
  site.cluster.fail["Commit"] = {passing, passing};
  const json report = Run();
  EXPECT_EQ(report["handled"], 30);
  EXPECT_EQ(report["committed"], 30);
}

TEST_F(Consume, SaysThatATopicIsNotThere) {
  site.settings.topic = "nowhere";
  EXPECT_NE(FailureOf().find("topic nowhere: there is none"), std::string::npos);
}

TEST_F(Consume, CrashesWithoutCommittingAndComesBack) {
  site.Fill(300);
  settings().commit = CommitMode::kPeriodic;
  settings().commit_interval = seconds(60);
  settings().handling_ms = 1;
  settings().fault.kind = Fault::kCrash;
  settings().fault.after = milliseconds(50);
  settings().fault.length = milliseconds(100);
  std::size_t joined = 0;
  const json report = RunUntil([&] {
    const std::lock_guard lock(site.cluster.mutex);
    joined = static_cast<std::size_t>(site.cluster.next_member - 1);
    const auto& group = site.cluster.groups[kGroup];
    return joined == 2 && group.owners.size() == 3;
  });
  EXPECT_EQ(joined, 2u);
  EXPECT_GT(report["not_committed"], 0);
  EXPECT_EQ(report["handled"].get<int>(),
            report["committed"].get<int>() + report["not_committed"].get<int>());
}

TEST_F(Consume, CrashesInTheMiddleOfABatchWithoutCommittingIt) {
  site.Fill(300);
  settings().handling_ms = 1;
  settings().fault.kind = Fault::kCrash;
  settings().fault.after = milliseconds(50);
  settings().fault.length = milliseconds(100);
  const json report = RunUntil([&] {
    const std::lock_guard lock(site.cluster.mutex);
    return site.cluster.next_member == 3;
  });
  EXPECT_GT(report["not_committed"], 0);
}

TEST_F(Consume, PausesButStaysInTheGroup) {
  site.Fill(3);
  settings().fault.kind = Fault::kPause;
  settings().fault.after = milliseconds(0);
  settings().fault.length = milliseconds(300);
  settings().records = 3;
  const auto begun = std::chrono::steady_clock::now();
  const json report = Run();
  EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds(300));
  EXPECT_EQ(report["handled"], 3);
  EXPECT_EQ(site.cluster.next_member, 2);  // nobody joined anew
}

TEST_F(Consume, SlowsDownOnePartition) {
  site.Fill(30);
  settings().commit = CommitMode::kRecord;
  settings().fault.kind = Fault::kSlowPartition;
  settings().fault.after = milliseconds(0);
  settings().fault.partition = 2;
  settings().fault.slow_time = seconds(3600);
  settings().members = 3;
  const json report = RunUntil([&] { return site.cluster.CommittedSum(kGroup) == 20; });
  EXPECT_EQ(report["handled"], 20);
}

TEST_F(Consume, IsNeverFasterThanItsHandlingTime) {
  site.Fill(200);
  settings().records = 200;
  settings().handling_ms = 2;
  const json report = Run();
  EXPECT_LE(report["records_per_second"].get<double>(), 520);  // a busy machine makes it slower
  EXPECT_GE(report["seconds"].get<double>(), 0.385);
}

TEST_F(Consume, SaysWhatItDidToPeopleToo) {
  site.Fill(6);
  settings().records = 6;
  settings().members = 2;
  settings().failures.rate = 1;
  settings().failures.kinds = {"format"};
  const Session session(site.settings, false, site.with, site.log);
  EXPECT_EQ(RunConsume(session), kExitDone);
  const std::string text = site.out.str();
  for (const char* part :
       {"usa.offer, group wps.file.consumer.group: 6 records handled", "6 committed",
        "6 dead letters in usa.offer-dlt: format 6", "member     handled"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
}

}  // namespace
}  // namespace backlogd::sim
