#include "status/api.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "status/json_writer.h"
#include "status/sample_view.h"

namespace backlogd::status {
namespace {

using nlohmann::json;

json Parse(const JsonAnswer& answer, int status = 200) {
  EXPECT_EQ(answer.status, status) << answer.body;
  return json::parse(answer.body);
}

TEST(JsonWriter, WritesValuesAndNull) {
  JsonWriter writer;
  writer.BeginObject().Key("a").BeginArray().Count(1).Known(-1).Seconds(1'500).Seconds(-1);
  writer.Number(0.25).Number(std::optional<double>()).Time(WallTime(std::chrono::milliseconds(5)));
  writer.Bool(true).TextOrNull("").EndArray().Key("b").BeginObject().EndObject().EndObject();
  EXPECT_EQ(writer.Take(), R"({"a":[1,null,1.5,null,0.25,null,0.005,true,null],"b":{}})");
}

TEST(JsonWriter, EscapesTextOfAnyBytes) {
  JsonWriter writer;
  writer.Text(std::string_view("\"\\<\n\0\xFF", 6));
  EXPECT_EQ(writer.Take(), "\"\\\"\\\\\\u003c\\u000a\\u0000\uFFFD\"");
}

TEST(GroupsJson, TellsAllOfAGroupAndNullOfWhatIsNotKnown) {
  auto report = SampleReport(1);
  analysis::GroupReport& group = report->groups[0];
  group.status = analysis::Status::kFallingBehind;
  group.cause = analysis::Cause::kSkew;
  group.lag = 12;
  group.lag_ms = 65'250;
  group.inflow = 12.5;
  group.last_commit = kNow;
  group.state = {kafka::GroupType::kClassic, kafka::GroupState::kStable};
  const SampleBoard board(report);
  EXPECT_EQ(GroupsJson(board.view(), {}).body,
            R"({"total":1,"limit":50,"offset":0,"groups":[{"cluster":"east","group":"group-00000",)"
            R"("status":"falling_behind","cause":"skew","advice":"Spread the hot key over more )"
            R"(partitions; more members do not help.","lag_records":12,"lag_seconds":65.25,)"
            R"("max_partition_lag_records":null,"unknown_partitions":0,"drain_seconds":null,)"
            R"("headroom_seconds":null,"type":"Classic","state":"Stable","members":2,)"
            R"("members_needed":null,"assigned_partitions":null,"inflow_records_per_second":12.5,)"
            R"("inflow_baseline_records_per_second":null,"consumption_records_per_second":null,)"
            R"("consumption_baseline_records_per_second":null,)"
            R"("member_capacity_records_per_second":null,"last_commit_at":1790000000}]})");
}

TEST(GroupsJson, PagesAndCounts) {
  const SampleBoard board(SampleReport(30));
  const json answer =
      Parse(GroupsJson(board.view(), {{"status", "stopped"}, {"limit", "2"}, {"offset", "1"}}));
  EXPECT_EQ(answer["total"], 3);
  EXPECT_EQ(answer["groups"].size(), 2u);
  EXPECT_EQ(answer["groups"][0]["group"], "group-00014");
}

TEST(Api, SaysWhatIsWrong) {
  const SampleBoard board(SampleReport(1));
  const View view = board.view();
  EXPECT_EQ(Parse(GroupsJson(view, {{"limit", "x"}}), 400)["error"],
            "limit: must be a whole number from 1 to 1000, got \"x\"");
  EXPECT_EQ(Parse(TopicsJson(view, {{"cluster", "x"}}), 400)["error"],
            "cluster: there is none of this name; see /api/v1/clusters");
  EXPECT_EQ(Parse(DeadLettersJson(view, {{"sort", "x"}}), 400)["error"],
            "sort: must be one of pending, name, retained, records, expired, got \"x\"");
  EXPECT_EQ(Parse(GroupJson(view, {{"name", "x"}}), 400)["error"],
            "cluster and name: both are needed");
  Parse(GroupJson(view, {{"name", "x"}, {"cluster", "x"}}), 404);
  Parse(GroupJson(view, {{"name", "x"}, {"cluster", "east"}}), 404);
  Parse(GroupJson(view, {{"name", "x"}, {"cluster", "west"}}), 404);
}

TEST(Api, RefusesParametersThatItDoesNotKnow) {
  const SampleBoard board(SampleReport(1));
  const View view = board.view();
  for (const auto api : {ClustersJson, HealthJson, GroupsJson, TopicsJson, DeadLettersJson}) {
    for (const std::string_view value : {"x", ""}) {
      const json answer = Parse(api(view, {{"what", value}}), 400);
      EXPECT_TRUE(answer["error"].get<std::string>().starts_with("\"what\": no such parameter;"));
    }
    Parse(api(view, {{"lang", "zh"}}));
  }
  EXPECT_EQ(Parse(HealthJson(view, {{"limit", "1"}}), 400)["error"],
            "\"limit\": no such parameter; there are: lang");
  EXPECT_EQ(
      Parse(GroupJson(view, {{"cluster", "east"}, {"name", "x"}, {"sort", "delay"}}), 400)["error"],
      "\"sort\": no such parameter; there are: cluster, name, limit, offset, lang");
}

TEST(GroupJson, FindsTheGroupOfTheEmptyName) {
  auto report = SampleReport(1);
  report->groups[0].name = "";
  const SampleBoard board(report);
  EXPECT_EQ(Parse(GroupJson(board.view(), {{"cluster", "east"}, {"name", ""}}))["group"], "");
  Parse(GroupJson(board.view(), {{"cluster", "east"}}), 400);
}

TEST(GroupJson, HasTopicsPartitionsAndHistory) {
  const SampleBoard board(SampleReport(3));
  const json group = Parse(GroupJson(board.view(), {{"cluster", "east"}, {"name", "group-00002"}}));
  EXPECT_EQ(group["status"], "falling_behind");
  EXPECT_EQ(group["topics"][0]["topic"], "orders");
  EXPECT_EQ(group["topics"][0]["lost_records"], nullptr);
  EXPECT_EQ(group["partitions"]["total"], 2);
  EXPECT_EQ(group["partitions"]["rows"][0]["committed_offset"], 10);
  EXPECT_EQ(group["partitions"]["rows"][0]["log_end_offset"], 20);
  EXPECT_EQ(group["partitions"]["rows"][1]["lag_records"], nullptr);
  EXPECT_EQ(group["partitions"]["rows"][1]["status"], nullptr);
  EXPECT_EQ(group["history"].back()["lag_records"], 2002);
  const json part = Parse(
      GroupJson(board.view(),
                {{"cluster", "east"}, {"name", "group-00002"}, {"limit", "1"}, {"offset", "1"}}));
  EXPECT_EQ(part["partitions"]["rows"].size(), 1u);
}

TEST(ClustersJson, TellsOfEachWhetherItIsKnown) {
  const SampleBoard board(SampleReport(9));
  const json answer = Parse(ClustersJson(board.view(), {}));
  const json& east = answer["clusters"][0];
  EXPECT_EQ(east["up"], true);
  EXPECT_EQ(east["groups"], 9);
  EXPECT_EQ(east["groups_by_status"]["ok"], 2);
  EXPECT_EQ(east["poll_duration_seconds"], 0.125);
  const json& west = answer["clusters"][1];
  EXPECT_EQ(west["up"], nullptr);
  EXPECT_EQ(west["has_data"], false);
  EXPECT_EQ(west["groups"], nullptr);
}

TEST(ClustersJson, CountsNothingOfWhatIsWithheld) {
  auto report = std::make_shared<analysis::LagReport>();
  report->taken_at = kNow;
  report->data_time = kNow - std::chrono::seconds(90);
  const SampleBoard board(report);
  const json east = Parse(ClustersJson(board.view(), {}))["clusters"][0];
  EXPECT_EQ(east["has_data"], false);
  EXPECT_EQ(east["groups"], nullptr);
  EXPECT_EQ(east["data_at"], 1789999910);
}

TEST(Api, KnowsNoTotalAndNoTimeBeforeThereAreData) {
  auto report = std::make_shared<analysis::LagReport>();
  report->taken_at = kNow;
  const SampleBoard board(report);
  EXPECT_EQ(Parse(GroupsJson(board.view(), {}))["total"], nullptr);
  EXPECT_EQ(Parse(TopicsJson(board.view(), {}))["total"], nullptr);
  EXPECT_EQ(Parse(DeadLettersJson(board.view(), {}))["total"], nullptr);
  EXPECT_EQ(Parse(ClustersJson(board.view(), {}))["clusters"][0]["data_at"], nullptr);
  const SampleBoard empty(SampleReport(0));
  EXPECT_EQ(Parse(GroupsJson(empty.view(), {}))["total"], 0);
  EXPECT_EQ(Parse(GroupsJson(empty.view(), {{"cluster", "west"}}))["total"], nullptr);
}

TEST(DeadLettersJson, TellsWhoHandlesWhat) {
  auto report = SampleReport(0);
  analysis::DeadLetterReport queue;
  queue.convention = "spring";
  queue.source_topic = "payments";
  queue.pending = {{"fixer", 7}, {"", 9}};
  queue.handled_known = true;
  queue.handled = {1, 20, 0, 29};
  queue.classified = {{"", {0, 1, 0, 0, 0, 2}}};
  report->dead_letters = {queue, {}};
  const SampleBoard board(report);
  const json answer = Parse(DeadLettersJson(board.view(), {}));
  const json& first = answer["dead_letters"][0];
  EXPECT_EQ(first["topic"], "orders");
  EXPECT_EQ(first["pending_records"], 9);
  EXPECT_EQ(first["pending"][1]["group"], nullptr);
  EXPECT_EQ(first["handled_records"]["redelivered"], 20);
  EXPECT_EQ(first["reasons"][0]["format"], 1);
  EXPECT_EQ(answer["dead_letters"][1]["handled_records"], nullptr);
}

TEST(TopicsJson, ListsTopics) {
  const SampleBoard board(SampleReport(0));
  const json answer = Parse(TopicsJson(board.view(), {}));
  EXPECT_EQ(answer["topics"][0]["partitions"], 2);
  EXPECT_EQ(answer["topics"][0]["retained_records"], nullptr);
}

TEST(HealthJson, TellsOfTheDaemonAndItsPolls) {
  auto report = SampleReport(0);
  report->failures = {{snapshot::Step::kListGroups, ErrorKind::kTimeout, 2, "kafka-1: timed out"}};
  const SampleBoard board(report);
  const json answer = Parse(HealthJson(board.view(), {}));
  EXPECT_EQ(answer["version"], "1.2.3");
  EXPECT_EQ(answer["clusters"][0]["steps"].size(), 11u);
  EXPECT_EQ(answer["clusters"][0]["failures"][0]["reason"], "timeout");
  EXPECT_EQ(answer["clusters"][1]["polled_at"], nullptr);
}

}  // namespace
}  // namespace backlogd::status
