#include <algorithm>
#include <cmath>
#include <functional>

#include "status/elements.h"
#include "status/format.h"

namespace backlogd::status {
namespace {

constexpr std::size_t kTopRows = 5;  // of the lists that have a page of their own

constexpr Column kCluster{words::kCluster};
constexpr Column kUp{words::kStatus};
constexpr Column kPolled{words::kPolled};
constexpr Column kTook{words::kPollTook, true};
constexpr Column kBrokers{words::kBrokers, true};
constexpr Column kTopics{words::kTopics, true};
constexpr Column kGroups{words::kGroups, true};
constexpr Column kNoLeader{words::kNoLeader, true};
constexpr Column kUnder{words::kUnderReplicated, true};

void AddTile(const PageRequest& request, const std::optional<analysis::Status>& status,
             std::int64_t count, Html& html) {
  const std::string name(status ? ToText(*status) : "unknown");
  html.Raw("<li>").Open("a", {{"class", "tile " + name + (count > 0 ? "" : " none")},
                              {"href", LinkTo(request, "./", {{"status", name}})}});
  html.Raw("<b>").Text(FormatCount(count)).Raw("</b> ");
  html.Raw("<span>").Say(NameOf(status)).Raw("</span></a></li>");
}

// How many groups are in which status, the worst first; not known where no cluster has data.
void AddTiles(const PageRequest& request, Html& html) {
  StatusCounts counts{};
  const bool known = IsKnown(request.view, "");
  const auto count_at = [&counts, known](std::size_t i) {
    return known ? static_cast<std::int64_t>(counts.at(i)) : analysis::kUnknown;
  };
  for (const ClusterView& cluster : request.view.clusters) {
    const StatusCounts more = CountStatuses(cluster);
    std::transform(counts.begin(), counts.end(), more.begin(), counts.begin(), std::plus<>());
  }
  html.Raw("<ul class=\"tiles\">");
  for (int i = analysis::kStatusCount - 1; i >= 0; --i) {
    AddTile(request, static_cast<analysis::Status>(i), count_at(static_cast<std::size_t>(i)), html);
  }
  AddTile(request, std::nullopt, count_at(counts.size() - 1), html);
  html.Raw("</ul>\n");
}

void AddUp(const ClusterView& cluster, Html& html) {
  BeginCell(kUp, html);
  const bool polled = cluster.report != nullptr;
  const bool up = polled && cluster.report->up;
  html.Open("span", {{"class", !polled ? "status unknown" : up ? "status ok" : "status stopped"}});
  html.Say(!polled ? words::kWaiting : up ? words::kReachable : words::kNotReachable);
  html.Raw("</span>");
  EndCell(html);
}

void AddCluster(const PageRequest& request, const ClusterView& cluster, Html& html) {
  html.Raw("<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">");
  AddLink(LinkTo(request, "./", {{"cluster", cluster.name}}), cluster.name, html);
  html.Raw("</th>");
  AddUp(cluster, html);
  const analysis::LagReport* report = cluster.report.get();
  AddCell(kPolled,
          report == nullptr ? std::string(kUnknownSign)
                            : FormatAgo(report->taken_at, request.view.now, html.language()),
          html);
  AddCell(kTook,
          report == nullptr
              ? std::string(kUnknownSign)
              : FormatSpan(std::llround(cluster.poll_duration.count() * 1000), html.language()),
          html);
  const auto known = [report](std::size_t count) {
    return FormatCount(report == nullptr || !report->has_data ? analysis::kUnknown
                                                              : static_cast<std::int64_t>(count));
  };
  std::size_t leaderless = 0;
  std::size_t under = 0;
  for (std::size_t i = 0; report != nullptr && i < report->topics.size(); ++i) {
    leaderless += report->topics[i].partitions_without_leader;
    under += report->topics[i].partitions_under_replicated;
  }
  AddCell(kBrokers, known(report == nullptr ? 0 : report->brokers.size()), html);
  AddCell(kTopics, known(report == nullptr ? 0 : report->topics.size()), html);
  AddCell(kGroups, known(report == nullptr ? 0 : report->groups.size()), html);
  AddCell(kNoLeader, known(leaderless), html);
  AddCell(kUnder, known(under), html);
  html.Raw("</tr>\n");
}

void AddClusters(const PageRequest& request, Html& html) {
  AddHeading(words::kClusters, static_cast<std::int64_t>(request.view.clusters.size()), html);
  BeginTable(words::kClusters,
             {kCluster, kUp, kPolled, kTook, kBrokers, kTopics, kGroups, kNoLeader, kUnder}, html);
  for (const ClusterView& cluster : request.view.clusters) AddCluster(request, cluster, html);
  EndTable(html);
}

void AddMore(const PageRequest& request, std::string_view path, std::size_t total, Html& html) {
  if (total <= kTopRows) return;
  html.Raw("<p>");
  AddLink(LinkTo(request, path, {}),
          std::string(words::kAllOf.In(html.language())) + " (" +
              FormatCount(static_cast<std::int64_t>(total)) + ")",
          html);
  html.Raw("</p>\n");
}

// The beginnings of the lists that have a page of their own.
void AddOtherLists(const PageRequest& request, Html& html) {
  const auto count = [known = IsKnown(request.view, "")](std::size_t total) {
    return known ? static_cast<std::int64_t>(total) : analysis::kUnknown;
  };
  ListQuery query = ReadListQuery({}, DeadLetterRules());
  query.limit = kTopRows;
  const auto dead_letters = SelectDeadLetters(request.view, query);
  AddHeading(words::kDeadLetters, count(dead_letters.total), html);
  AddDeadLetters(request, dead_letters, html);
  AddMore(request, "dead-letters", dead_letters.total, html);
  query = ReadListQuery({}, TopicRules());
  query.limit = kTopRows;
  const auto topics = SelectTopics(request.view, query);
  AddHeading(words::kTopics, count(topics.total), html);
  AddTopics(request, topics, html);
  AddMore(request, "topics", topics.total, html);
}

}  // namespace

HtmlAnswer HomePage(const PageRequest& request) {
  ListQuery query = ReadListQuery(request.parameters, GroupRules());
  const auto groups = SelectShown(request.view, query, SelectGroups);
  Html html(request.language);
  BeginPage(request, "./", words::kGroups.In(request.language), html);
  AddMissing(request, html);
  html.Raw("<h1>").Say(words::kGroups).Raw("</h1>\n");
  AddTiles(request, html);
  AddFilters(request,
             {"./",
              query,
              {{"severity", words::kWorstFirst},
               {"delay", words::kDelay},
               {"lag", words::kLag},
               {"drain", words::kDrain},
               {"headroom", words::kHeadroom},
               {"inflow", words::kInflow},
               {"members", words::kMembers},
               {"name", words::kName}},
              true},
             html);
  if (groups.rows.empty()) {
    AddEmpty(request, html);
  } else {
    AddGroups(request, groups, html);
  }
  AddPaging(request, {"./", query, groups.total}, html);
  AddClusters(request, html);
  AddOtherLists(request, html);
  EndPage(html);
  return {200, html.Take()};
}

}  // namespace backlogd::status
