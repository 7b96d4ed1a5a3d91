#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/commands.h"
#include "sim/failure.h"
#include "sim/group_site.h"
#include "sim/verify_records.h"
#include "sim/verify_report.h"

namespace backlogd::sim {
namespace {

using nlohmann::json;

std::map<std::string, std::string> Verdicts(const std::string& text) {
  std::map<std::string, std::string> verdicts;
  const json report = json::parse(text);
  for (const auto& check : report["checks"]) {
    verdicts[check["name"]] = check["verdict"];
  }
  return verdicts;
}

TEST(Verify, PassesOnAGoodTopic) {
  GroupSite site;
  site.Fill(50);  // others use it too
  site.settings.verify.partitions = 3;
  site.settings.verify.replication = 1;
  ASSERT_EQ(RunVerify(site.Open()), kExitDone) << site.out.str();
  const json report = json::parse(site.out.str());
  EXPECT_EQ(report["passed"], 10) << site.out.str();
  ASSERT_EQ(site.cluster.deleted_groups.size(), 1u);
  EXPECT_TRUE(site.cluster.deleted_groups.begin()->starts_with("backlogd-sim-verify-"));
  EXPECT_TRUE(site.cluster.groups.empty());
}

TEST(Verify, SkipsWhatWasNotAskedFor) {
  GroupSite site;
  EXPECT_EQ(RunVerify(site.Open()), kExitDone) << site.out.str();
  auto verdicts = Verdicts(site.out.str());
  EXPECT_EQ(verdicts["partition_count"], "skipped");
  EXPECT_EQ(verdicts["replication"], "skipped");
}

TEST(Verify, FailsOnAnotherShape) {
  GroupSite site;
  site.settings.verify.partitions = 4;
  site.settings.verify.replication = 3;
  EXPECT_EQ(RunVerify(site.Open()), kExitFailed);
  auto verdicts = Verdicts(site.out.str());
  EXPECT_EQ(verdicts["partition_count"], "failed");
  EXPECT_EQ(verdicts["replication"], "failed");
  EXPECT_EQ(verdicts["content_is_kept"], "passed");
}

TEST(Verify, SaysWhatStoodInTheWay) {
  struct Case {
    const char* call;
    const char* check;
  };
  for (const Case& each :
       {Case{"Send", "content_is_kept"}, Case{"deliver", "content_is_kept"},
        Case{"Flush", "content_is_kept"}, Case{"DeleteGroup", "group_is_deleted"},
        Case{"Commit", "group_starts_at_log_end"}}) {
    GroupSite site;
    site.cluster.fail[each.call] = {{ErrorKind::kUnauthorized, "no ACL"}};
    EXPECT_EQ(RunVerify(site.Open()), kExitFailed) << each.call;
    EXPECT_EQ(Verdicts(site.out.str())[each.check], "failed") << each.call << site.out.str();
    EXPECT_NE(site.out.str().find("no ACL"), std::string::npos);
  }
}

TEST(Verify, FailsClearlyWithoutACluster) {
  GroupSite site;
  site.cluster.fail["FetchMetadata"] = {{ErrorKind::kTimeout, "b:1: timed out after 5s"}};
  try {
    RunVerify(site.Open());
    ADD_FAILURE();
  } catch (const Failure& e) {
    EXPECT_NE(std::string(e.what()).find("b:1: timed out after 5s"), std::string::npos);
  }
  EXPECT_EQ(Verdicts(site.out.str())["content_is_kept"], "skipped");
}

TEST(Verify, EndsWhenAskedAndLeavesNoGroup) {
  GroupSite site;
  site.cluster.before = [&site](const std::string& call) {
    if (call == "Send") site.stop.Request();
  };
  EXPECT_THROW(RunVerify(site.Open()), Failure);
  EXPECT_EQ(Verdicts(site.out.str())["group_resumes"], "skipped");
  EXPECT_TRUE(site.cluster.groups.empty());
}

TestRecord Seen(TestRecord record, kafka::PartitionId partition, kafka::Offset offset) {
  record.partition = partition;
  record.offset = offset;
  return record;
}

class VerifyRecords : public testing::Test {
 protected:
  VerifyRecords() : pushed(MakeRecords("run", "part", 4, 2, now)) {
    for (std::size_t i = 0; i < pushed.size(); ++i) {
      seen.push_back(Seen(pushed[i], static_cast<int>(i % 2), static_cast<int>(i / 2)));
    }
  }
  std::string ContentFault() { return FaultOfContent(pushed, seen, now, now).value_or(""); }

  const WallTime now{std::chrono::hours(480'000)};
  std::vector<TestRecord> pushed;
  std::vector<TestRecord> seen;
};

TEST_F(VerifyRecords, AreRightAsTheyWerePushed) {
  EXPECT_EQ(ContentFault(), "");
  EXPECT_FALSE(FaultOfOrder(pushed, seen));
  EXPECT_EQ(CountPartitions(seen), 2u);
}

TEST_F(VerifyRecords, AreWrongInEachWay) {
  struct Case {
    std::function<void(std::vector<TestRecord>&)> change;
    std::string expected;
  };
  const std::vector<TestRecord> good = seen;
  const std::string where = "record part-0000001 (partition 1, offset 0)";
  const std::vector<Case> cases = {
      {[](auto& records) { records[1].key = "other"; }, where + " has another key"},
      {[](auto& records) { records[1].value.reset(); }, where + " has another value"},
      {[](auto& records) { records[1].headers.pop_back(); }, where + " has other headers"},
      {[](auto& records) { records[1].timestamp.reset(); }, where + " has another time"},
      {[](auto& records) { *records[1].timestamp += std::chrono::milliseconds(1); },
       where + " has another time"},
      {[](auto& records) { records.push_back(records[1]); }, where + " came twice"},
      {[](auto& records) { records[1].id = "x"; },
       "record x (partition 1, offset 0) was not expected"},
      {[](auto& records) { records.erase(records.begin() + 1); },
       "1 of 4 records did not come, record part-0000001 first"}};
  for (const Case& each : cases) {
    seen = good;
    each.change(seen);
    EXPECT_EQ(ContentFault(), each.expected);
  }
}

TEST_F(VerifyRecords, MayHaveTheBrokersTime) {
  seen[1].timestamp = WallTime();
  seen[1].timestamp_is_of_the_append = true;
  EXPECT_EQ(ContentFault(), "");
}

TEST_F(VerifyRecords, KeepTheirOrderWithinAKey) {
  std::swap(seen[0], seen[1]);  // two keys
  EXPECT_FALSE(FaultOfOrder(pushed, seen));
  std::swap(seen[1], seen[2]);  // one key
  EXPECT_TRUE(FaultOfOrder(pushed, seen));
}

TEST_F(VerifyRecords, OfAKeyAreInOnePartition) {
  seen[2].partition = 1;
  EXPECT_EQ(FaultOfOrder(pushed, seen).value_or(""),
            "record part-0000002 (partition 1, offset 1) has the key of record part-0000000 "
            "(partition 0, offset 0): two partitions");
}

TEST_F(VerifyRecords, OfOthersAreNotOurs) {
  const kafka::RecordHeader headers[] = {{kRunHeader, "other"}, {"run", std::nullopt}};
  kafka::Record record;
  EXPECT_FALSE(OwnRecord(record, "run"));
  record.headers = headers;
  EXPECT_FALSE(OwnRecord(record, "run"));
  EXPECT_TRUE(OwnRecord(record, "other"));
}

TEST(VerifyReport, IsValidXmlWhateverTheReasons) {
  VerifyReport report;
  report.topic = "a&b";
  report.checks = {{"one", Verdict::kFailed, "<\"'>\n\x01\xff\xef\xbf\xbf", {}},
                   {"two", Verdict::kSkipped, "]]>", {}},
                   {"three", Verdict::kPassed, "fine", {}}};
  const std::string xml = ToJUnit(report);
  EXPECT_NE(xml.find(R"(<failure message="&lt;&quot;&apos;&gt;&#10;?)"), std::string::npos) << xml;
  EXPECT_NE(xml.find("a&amp;b"), std::string::npos);
  EXPECT_NE(xml.find("]]&gt;"), std::string::npos);
  EXPECT_NE(xml.find(R"(tests="3" failures="1" errors="0" skipped="1")"), std::string::npos);
  EXPECT_EQ(xml.find('\x01'), std::string::npos);
  EXPECT_EQ(xml.find("\xef\xbf\xbf"), std::string::npos);
}

TEST(Verify, WritesWhatTestServersRead) {
  GroupSite site;
  const std::string path = testing::TempDir() + "verify_test_junit.xml";
  site.settings.verify.junit = path;
  const Session session(site.settings, false, site.with, site.log);
  EXPECT_EQ(RunVerify(session), kExitDone);
  std::stringstream content;
  content << std::ifstream(path).rdbuf();
  EXPECT_NE(content.str().find(R"(name="content_is_kept")"), std::string::npos);
  EXPECT_NE(site.out.str().find("8 passed, 0 failed, 2 skipped"), std::string::npos);
  site.settings.verify.junit = testing::TempDir() + "no/such/folder/x.xml";
  EXPECT_THROW(RunVerify(site.Open()), Failure);
}

}  // namespace
}  // namespace backlogd::sim
