#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "config/config.h"
#include "config/name_filter.h"
#include "deadletters/conventions.h"
#include "deadletters/discovery.h"
#include "exposition/compatibility.h"
#include "exposition/page.h"
#include "exposition/page_parser.h"
#include "exposition/render.h"
#include "exposition/sample_reports.h"
#include "fuzz/input.h"
#include "status/api.h"
#include "status/html.h"
#include "status/pages.h"
#include "status/sample_view.h"

// Whatever topics and groups are called: each page can be read back and gives the names back, no
// markup of theirs gets onto a page of HTML, and queues are found among them in whatever order they
// come.
namespace {

using namespace backlogd;  // NOLINT(google-build-using-namespace)
using analysis::LagReport;
using backlogd::fuzz::Require;

constexpr std::size_t kMostNames = 5;

struct Names {
  std::set<std::string> topics;
  std::set<std::string> groups;
};

// Names end with a NUL, which neither has: librdkafka gives strings of C. In turn a topic's and a
// group's.
Names Split(std::string_view input) {
  Names names;
  for (std::size_t i = 0; i < 2 * kMostNames && !input.empty(); ++i) {
    const std::string name(input.substr(0, input.find('\0')));
    input.remove_prefix(std::min(input.size(), name.size() + 1));
    if (!name.empty()) (i % 2 == 0 ? names.topics : names.groups).insert(name);
  }
  return names;
}

// The same cluster with names that are harmless.
Names Harmless(const Names& names) {
  Names harmless;
  for (std::size_t i = 0; i < names.topics.size(); ++i) {
    harmless.topics.insert("t" + std::to_string(i));
  }
  for (std::size_t i = 0; i < names.groups.size(); ++i) {
    harmless.groups.insert("g" + std::to_string(i));
  }
  return harmless;
}

analysis::DeadLetterReport DeadLettersOf(const Names& names) {
  analysis::DeadLetterReport queue;
  queue.source_topic = *names.topics.begin();
  queue.convention = ToText(deadletters::Convention::kGeneric);
  queue.retained = 7;
  queue.records = 7;
  for (const std::string& group : names.groups) queue.pending.push_back({group, 1});
  if (queue.pending.empty()) queue.pending.push_back({"", 7});
  return queue;
}

// Every group reads every topic.
std::shared_ptr<const LagReport> ReportOf(const Names& names) {
  exposition::ReportBuilder b;
  for (const std::string& topic : names.topics) b.Topic(topic, {{0, 0, 0, 20, 20}});
  for (const std::string& name : names.groups) {
    analysis::GroupReport group;
    group.name = name;
    group.status = analysis::Status::kStalled;
    group.lag = 3;
    group.members = 1;
    b.Group(group);
    for (const std::string& topic : names.topics) b.Reads(topic, {{0, 17, 3, 3, 1000, {}}});
  }
  if (!names.topics.empty()) b.report.dead_letters.push_back(DeadLettersOf(names));
  b.report.failures = {{snapshot::Step::kMetadata, ErrorKind::kOther, 1,
                        names.groups.empty() ? "none" : *names.groups.begin()}};
  return std::make_shared<const LagReport>(b.report);
}

std::set<std::string> ValuesOf(const std::vector<exposition::ParsedFamily>& families,
                               std::string_view name, std::string_view label) {
  std::set<std::string> values;
  for (const exposition::ParsedFamily& family : families) {
    for (const exposition::ParsedSample& sample : family.samples) {
      if (sample.name != name) continue;
      for (const auto& [key, value] : sample.labels) {
        if (key == label) values.insert(value);
      }
    }
  }
  return values;
}

// As many as there are, and those that are UTF-8 as they are.
void RequireNames(const std::set<std::string>& seen, const std::set<std::string>& names) {
  Require(seen.size() == names.size());
  for (const std::string& name : names) Require(!IsValidUtf8(name) || seen.contains(name));
}

void CheckMetrics(const LagReport& report, const Names& names) {
  const exposition::Detail detail(exposition::DetailLevels::Level::kFull);
  exposition::Compatibility peers;
  peers.peers.fill(true);
  peers.several_clusters = names.topics.size() % 2 == 0;
  auto samples = std::make_shared<exposition::Samples>();
  exposition::Render(report, "c", detail, *samples, peers);
  const exposition::Page page({samples});
  for (const auto format : {exposition::Format::kText, exposition::Format::kOpenMetrics}) {
    const auto families = exposition::ParsePage(exposition::Join(page.Pieces(format)), format);
    RequireNames(ValuesOf(families, "backlogd_topic_partitions", "topic"), names.topics);
    RequireNames(ValuesOf(families, "backlogd_group_lag_records", "group"), names.groups);
  }
}

// How often a page opens or ends a tag or a text in quotes.
std::size_t CountMarkup(std::string_view html) {
  return static_cast<std::size_t>(
      std::ranges::count_if(html, [](char c) { return c == '<' || c == '>' || c == '"'; }));
}

std::vector<std::string> HtmlOf(const status::View& view, const Names& names) {
  const std::string group = names.groups.empty() ? "none" : *names.groups.begin();
  const status::Parameters parameters{{"cluster", "east"}, {"name", group}, {"group", group}};
  std::vector<std::string> pages;
  for (const auto page : {status::HomePage, status::GroupPage, status::TopicsPage,
                          status::DeadLettersPage, status::DaemonPage}) {
    pages.push_back(page({view, parameters}).body);
    Require(IsValidUtf8(pages.back()));
  }
  return pages;
}

std::vector<std::string> HtmlOf(const Names& names) {
  const status::SampleBoard board(std::make_shared<LagReport>(*ReportOf(names)));
  return HtmlOf(board.view(), names);
}

void CheckHtml(const Names& names) {
  const std::vector<std::string> hostile = HtmlOf(names);
  const std::vector<std::string> harmless = HtmlOf(Harmless(names));
  for (std::size_t i = 0; i < hostile.size(); ++i) {
    Require(CountMarkup(hostile[i]) == CountMarkup(harmless[i]));
  }
  for (const std::string& name : names.groups) {
    const std::string escaped = status::EscapeHtml(name);
    Require(escaped.find_first_of("<>\"'\n") == escaped.npos);
    Require(hostile[0].find(escaped) != hostile[0].npos);
  }
}

std::set<std::string> NamesIn(const std::string& body, const char* list, const char* key) {
  std::set<std::string> names;
  const auto answer = nlohmann::json::parse(body);
  for (const auto& row : answer.at(list)) names.insert(row.at(key).get<std::string>());
  return names;
}

void CheckJson(const std::shared_ptr<const LagReport>& report, const Names& names) {
  const status::SampleBoard board(report);
  const status::View view = board.view();
  std::set<std::string> groups;
  for (const std::string& name : names.groups) groups.insert(ToValidUtf8(name));
  Require(NamesIn(GroupsJson(view, {}).body, "groups", "group") == groups);
  std::set<std::string> topics;
  for (const std::string& name : names.topics) topics.insert(ToValidUtf8(name));
  Require(NamesIn(TopicsJson(view, {}).body, "topics", "topic") == topics);
  for (const std::string& name : names.groups) {
    const auto answer = GroupJson(view, {{"cluster", "east"}, {"name", name}});
    const auto parsed = nlohmann::json::parse(answer.body);
    Require(parsed.is_object());
  }
}

bool LooksInto(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void CheckReadings(std::string_view name) {
  for (const bool masstransit : {false, true}) {
    for (const deadletters::NameReading& reading : deadletters::ReadName(name, masstransit)) {
      Require(LooksInto(reading.subject, name) && LooksInto(reading.rest, name));
      Require(!ToText(reading.convention).empty());
    }
  }
  const auto retried = deadletters::RetriedName(name);
  Require(!retried || LooksInto(*retried, name));
  deadletters::IsInternalName(name);
}

void CheckDiscovery(const Names& names) {
  deadletters::ClusterNames cluster;
  for (const std::string& topic : names.topics) cluster.topics.push_back(topic);
  for (const std::string& group : names.groups) {
    cluster.groups.push_back({.name = group, .topics = cluster.topics});
  }
  const deadletters::Discovery discovery({.masstransit = true});
  const auto queues = discovery.Discover(cluster);
  std::ranges::reverse(cluster.topics);
  std::ranges::reverse(cluster.groups);
  Require(discovery.Discover(cluster) == queues);
  Require(std::ranges::is_sorted(queues, {}, &deadletters::DeadLetterQueue::topic));
  for (const deadletters::DeadLetterQueue& queue : queues) {
    Require(names.topics.contains(queue.topic) && queue.source_topic != queue.topic);
    Require(queue.source_topic.empty() || names.topics.contains(queue.source_topic));
  }
}

void CheckFilters(std::string_view name) {
  static const config::NameFilter everything{config::NameSelection()};
  static const config::NameFilter nothing{config::NameSelection{{".*"}, {".*"}}};
  Require(everything.Matches(name) && !nothing.Matches(name));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Names names = Split({reinterpret_cast<const char*>(data), size});
  const auto report = ReportOf(names);
  CheckMetrics(*report, names);
  CheckHtml(names);
  CheckJson(report, names);
  CheckDiscovery(names);
  for (const auto* const set : {&names.topics, &names.groups}) {
    for (const std::string& name : *set) {
      CheckReadings(name);
      CheckFilters(name);
    }
  }
  return 0;
}
