// docs/api.md against the real answers: each member there, each member here, and when it is null.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "status/api.h"
#include "status/sample_view.h"

namespace backlogd::status {
namespace {

using analysis::LagReport;
using nlohmann::json;

struct Member {
  std::string type;  // "text", "boolean", "list", "object", "number"
  bool nullable = false;
};
using Members = std::map<std::string, Member>;  // by path, such as "groups[].lag_records"

using Api = JsonAnswer (*)(const View&, const Parameters&);
const std::map<std::string, Api> kApis = {
    {"/api/v1/clusters", ClustersJson}, {"/api/v1/groups", GroupsJson},
    {"/api/v1/group", GroupJson},       {"/api/v1/topics", TopicsJson},
    {"/api/v1/health", HealthJson},     {"/api/v1/dead-letters", DeadLettersJson}};

// Of "| `member` | value | null |".
void AddRow(const std::string& line, Members& members) {
  const std::size_t name_end = line.find("` | ");
  const std::size_t value_end = line.find(" |", name_end + 4);
  ASSERT_NE(value_end, std::string::npos) << line;
  const std::string value = line.substr(name_end + 4, value_end - name_end - 4);
  const std::string word = value.substr(0, value.find_first_of(" :,"));
  const std::set<std::string> types = {"text", "boolean", "list", "object"};
  const bool nullable = line.find_first_not_of(" |", value_end) != std::string::npos;
  const bool added = members
                         .emplace(line.substr(3, name_end - 3),
                                  Member{types.contains(word) ? word : "number", nullable})
                         .second;
  EXPECT_TRUE(added) << "twice: " << line;
}

// The tables of the sections that are named after a path.
std::map<std::string, Members> Documented() {
  std::ifstream file(BACKLOGD_SOURCE_DIR "/docs/api.md");
  std::map<std::string, Members> sections;
  Members* section = nullptr;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## `")) section = &sections[line.substr(4, line.size() - 5)];
    if (section != nullptr && line.starts_with("| `")) AddRow(line, *section);
  }
  constexpr std::string_view kOfAList = "groups[].";
  for (const auto& [path, member] : sections["/api/v1/groups"]) {
    if (!path.starts_with(kOfAList)) continue;
    sections["/api/v1/group"].emplace(path.substr(kOfAList.size()), member);
  }
  return sections;
}

std::string TypeOf(const json& value) {
  if (value.is_string()) return "text";
  if (value.is_boolean()) return "boolean";
  if (value.is_array()) return "list";
  return value.is_object() ? "object" : "number";
}

// The same of a real answer. What is null has no type.
void Collect(const json& value, const std::string& path, Members& members) {
  if (!path.empty() && !path.ends_with("[]")) {
    Member& member = members[path];
    if (value.is_null()) {
      member.nullable = true;
    } else {
      member.type = TypeOf(value);
    }
  }
  if (value.is_array()) {
    for (const json& element : value) Collect(element, path + "[]", members);
  }
  if (!value.is_object()) return;
  const std::string prefix = path.empty() ? path : path + ".";
  for (const auto& [key, part] : value.items()) Collect(part, prefix + key, members);
}

// All that can be known of one group, topic and queue.
std::shared_ptr<LagReport> FilledReport() {
  auto report = SampleReport(8);
  report->cluster_id = "id";
  analysis::GroupReport& group = report->groups[2];
  group.state = {kafka::GroupType::kClassic, kafka::GroupState::kStable, 1};
  group.max_lag = group.assigned_partitions = group.members_needed = 1;
  group.drain_ms = group.headroom_ms = 1;
  group.inflow = group.inflow_baseline = group.member_capacity = 1;
  group.consumption = group.consumption_baseline = 1;
  group.last_commit = kNow;
  analysis::GroupTopicReport& read = report->group_topics[2];
  read.records_consumed = read.lost_records = read.uncommitted_partitions = 0;
  analysis::TopicReport& topic = report->topics[0];
  topic.retained_records = topic.records_produced = topic.groups = 1;
  topic.retention = std::chrono::hours(1);
  analysis::DeadLetterReport queue;
  queue.source_topic = queue.group = "payments";
  queue.convention = "spring";
  queue.retained = queue.records = queue.expired = 1;
  queue.pending = {{"fixer", 7}};
  queue.oldest = kNow;
  queue.handled_known = true;
  queue.classified = {{"payments", {}}};
  report->dead_letters = {queue};
  report->failures = {{snapshot::Step::kMetadata, ErrorKind::kTimeout, 2, "kafka-1: timed out"}};
  return report;
}

// As little as can be known of a group, a topic and a queue.
std::shared_ptr<LagReport> BareReport() {
  auto report = SampleReport(3);
  for (analysis::GroupReport& group : report->groups) {
    analysis::GroupReport bare;
    bare.name = group.name;
    bare.first_topic = group.first_topic;
    bare.topic_count = group.topic_count;
    group = bare;
  }
  for (analysis::GroupTopicReport& read : report->group_topics) read.lag = read.lag_ms = -1;
  report->partitions = {{0, 0}, {0, 1}};
  report->dead_letters = {{}};
  report->dead_letters[0].pending = {{}};
  report->dead_letters[0].classified = {{}};
  report->failures = {{snapshot::Step::kMetadata, ErrorKind::kTimeout, 2, ""}};
  return report;
}

class ApiDocs : public testing::Test {
 protected:
  ApiDocs() {
    filled_.Publish(0, FilledReport(), std::chrono::milliseconds(125));
    bare_.Publish(0, BareReport(), std::chrono::milliseconds(125));
    bare_.Publish(1, std::make_shared<LagReport>(), std::chrono::milliseconds(125));
  }

  static Members Ask(Api api, const View& view, const Parameters& parameters) {
    Members members;
    const JsonAnswer answer = api(view, parameters);
    EXPECT_EQ(answer.status, 200) << answer.body;
    Collect(json::parse(answer.body), "", members);
    return members;
  }

  static Parameters Of(Api api) {
    if (api == GroupJson) return {{"cluster", "east"}, {"name", "group-00002"}};
    if (api == GroupsJson) return {{"status", "falling_behind"}};
    return {};
  }

  View Filled() const {
    return {kNow, filled_.clusters(), {"1.2.3", "abc", "/metrics", 1'789'999'000.0, 4e7, 12.5}};
  }

  // All that is null in one of the answers to somebody of whose clusters little is known.
  std::set<std::string> Nulls(Api api) const {
    const bool lists = api == GroupsJson || api == TopicsJson || api == DeadLettersJson;
    const View view{kNow, bare_.clusters(), {"1.2.3", "abc", "/metrics", {}, {}, {}}};
    std::vector<Parameters> questions = {Of(api)};
    if (api == GroupsJson) questions = {Parameters{}};
    if (lists) questions.push_back({{"cluster", "west"}});
    std::set<std::string> paths;
    for (const Parameters& question : questions) {
      for (const auto& [path, member] : Ask(api, view, question)) {
        if (member.nullable) paths.insert(path);
      }
    }
    return paths;
  }

  const std::map<std::string, Members> documented_ = Documented();
  Board filled_{{"east"}};
  Board bare_{{"east", "gone", "west"}};
};

TEST_F(ApiDocs, HaveASectionForEachPath) {
  for (const auto& [path, members] : documented_) EXPECT_TRUE(kApis.contains(path)) << path;
  EXPECT_EQ(documented_.size(), kApis.size());
}

TEST_F(ApiDocs, HaveEachMemberAndNoOther) {
  for (const auto& [name, api] : kApis) {
    const Members& documented = documented_.at(name);
    const Members real = Ask(api, Filled(), Of(api));
    for (const auto& [path, member] : real) {
      ASSERT_TRUE(documented.contains(path)) << name << " has " << path << ": not documented";
      EXPECT_EQ(documented.at(path).type, member.type) << name << " " << path;
    }
    for (const auto& [path, member] : documented) {
      EXPECT_TRUE(real.contains(path)) << name << " has no " << path << ", but it is documented";
    }
  }
}

TEST_F(ApiDocs, SayWhatCanBeNull) {
  for (const auto& [name, api] : kApis) {
    std::set<std::string> documented;
    for (const auto& [path, member] : documented_.at(name)) {
      if (member.nullable) documented.insert(path);
    }
    EXPECT_EQ(documented, Nulls(api)) << name;
  }
}

}  // namespace
}  // namespace backlogd::status
