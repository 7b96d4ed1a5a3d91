#include <algorithm>
#include <chrono>
#include <tuple>

#include "status/elements.h"
#include "status/format.h"
#include "status/sparkline.h"

namespace backlogd::status {
namespace {

using analysis::GroupReport;
using analysis::kUnknown;

constexpr Column kTopic{words::kTopic};
constexpr Column kPartitions{words::kPartitions, true};
constexpr Column kPartition{words::kPartition, true};
constexpr Column kDelay{words::kDelay, true};
constexpr Column kLag{words::kLagRecords, true};
constexpr Column kConsumed{words::kConsumed, true};
constexpr Column kLost{words::kLost, true};
constexpr Column kCommitted{words::kCommitted, true};
constexpr Column kLogEnd{words::kLogEnd, true};
constexpr Column kStatus{words::kStatus};

const ListRules& PartitionRules() {
  static const ListRules rules{{}, {"cluster", "name"}, 100, 500};
  return rules;
}

// When the oldest record that waits was written.
void AddSince(const PageRequest& request, WallTime data_time, const GroupReport& group,
              Html& html) {
  if (group.lag_ms <= 0 || group.status == analysis::Status::kOk) return;
  const WallTime since = data_time - std::chrono::milliseconds(group.lag_ms);
  html.Raw("<div><dt>").Say(words::kLateSince).Raw("</dt><dd>").Text(FormatInstant(since));
  html.Raw(" (").Text(FormatAgo(since, request.view.now, html.language())).Raw(")</dd></div>");
}

void AddVerdict(const PageRequest& request, const GroupRow& row, Html& html) {
  const GroupReport& group = *row.report;
  html.Raw("<section class=\"verdict\"><p class=\"lead\">");
  AddStatus(group.status, html);
  html.Raw(" ").Say(MeaningOf(group.status)).Raw("</p><dl>");
  AddSince(request, row.cluster->report->data_time, group, html);
  if (group.cause) {
    const CauseWords& cause = WordsOf(*group.cause);
    html.Raw("<div><dt>").Say(words::kCause).Raw("</dt><dd><strong>").Say(cause.name);
    html.Raw("</strong> · ").Say(cause.meaning).Raw("</dd></div><div><dt>").Say(words::kAdvice);
    html.Raw("</dt><dd>").Say(cause.advice).Raw("</dd></div>");
  }
  html.Raw("</dl></section>\n");
}

std::string WithNormal(const std::optional<double>& now, const std::optional<double>& normal,
                       Language language) {
  std::string text = FormatRate(now);
  if (!normal) return text;
  const bool chinese = language == Language::kChinese;
  text += chinese ? "（" : " (";
  text += words::kNormally.In(language);
  return text + " " + FormatRate(normal) + (chinese ? "）" : ")");
}

void AddFacts(const PageRequest& request, const GroupReport& group, Html& html) {
  const Language language = html.language();
  html.Raw("<dl class=\"facts\">");
  AddFact(words::kDelay, FormatSpan(group.lag_ms, language), html);
  AddFact(words::kLagRecords, FormatCount(group.lag), html);
  AddFact(words::kDrain, FormatSpan(group.drain_ms, language), html);
  AddFact(words::kHeadroom, FormatSpan(group.headroom_ms, language), html);
  AddFact(words::kInflow, WithNormal(group.inflow, group.inflow_baseline, language), html);
  AddFact(words::kConsumption, WithNormal(group.consumption, group.consumption_baseline, language),
          html);
  AddFact(words::kMembers, FormatCount(group.members), html);
  AddFact(words::kNeeded, FormatCount(group.members_needed), html);
  AddFact(words::kCapacity, FormatRate(group.member_capacity), html);
  AddFact(words::kLastCommit,
          group.last_commit ? FormatAgo(*group.last_commit, request.view.now, language)
                            : std::string(kUnknownSign),
          html);
  AddFact(words::kUnknownPartitions, FormatCount(group.unknown_partitions), html);
  AddFact(words::kState, group.state ? ToText(group.state->state) : kUnknownSign, html);
  html.Raw("</dl>\n");
}

std::int64_t Most(const std::vector<TrendPoint>& points, TrendValue value) {
  std::int64_t most = kUnknown;
  for (const TrendPoint& point : points) most = std::max(most, point.*value);
  return most;
}

void AddChart(const std::vector<TrendPoint>& points, TrendValue value, const Phrase& title,
              Html& html) {
  const bool spans = value == &TrendPoint::lag_ms;
  const auto say = [&](std::int64_t amount) {
    return spans ? FormatSpan(amount, html.language()) : FormatCount(amount);
  };
  std::string label(words::kAtMost.In(html.language()));
  label += " " + say(Most(points, value)) + std::string(Phrase{", ", "，"}.In(html.language()));
  label += words::kNow.In(html.language());
  label += " " + say(points.back().*value);
  html.Raw("<figure><figcaption><strong>").Say(title).Raw("</strong> <span>").Text(label);
  html.Raw("</span></figcaption>");
  AddSparkline({points, value, std::string(title.In(html.language())) + ": " + label, 480, 96},
               html);
  const Phrase begin{"1 h ago", "1 小时前"};
  html.Raw("<div class=\"axis\"><span>").Say(begin).Raw("</span><span>").Say(words::kNow);
  html.Raw("</span></div></figure>");
}

void AddCharts(const ClusterView& cluster, const GroupReport& group, Html& html) {
  const std::vector<TrendPoint> points =
      cluster.trends->Of(group.name, {cluster.report->data_time, group.lag, group.lag_ms});
  html.Raw("<div class=\"charts\">");
  AddChart(points, &TrendPoint::lag_ms, words::kDelay, html);
  AddChart(points, &TrendPoint::lag, words::kLagRecords, html);
  html.Raw("</div>\n");
}

// The group's topics, those of the worst delay first.
std::vector<const analysis::GroupTopicReport*> ReadTopics(const GroupRow& row) {
  std::vector<const analysis::GroupTopicReport*> topics;
  for (std::uint32_t i = 0; i < row.report->topic_count; ++i) {
    topics.push_back(&row.cluster->report->group_topics[row.report->first_topic + i]);
  }
  std::stable_sort(topics.begin(), topics.end(), [](const auto* a, const auto* b) {
    return std::tie(a->lag_ms, a->lag) > std::tie(b->lag_ms, b->lag);
  });
  return topics;
}

void AddReadTopic(const analysis::GroupTopicReport& read, std::string_view name, Html& html) {
  html.Raw("<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">").Text(name).Raw("</th>");
  AddCell(kPartitions, FormatCount(read.pair_count), html);
  AddCell(kDelay, FormatSpan(read.lag_ms, html.language()), html);
  AddCell(kLag, FormatCount(read.lag), html);
  AddCell(kConsumed, FormatCount(read.records_consumed), html);
  AddCell(kLost, FormatCount(read.lost_records), html);
  html.Raw("</tr>\n");
}

void AddReadTopics(const PageRequest& request, const GroupRow& row, Html& html) {
  const std::string_view first = Find(request.parameters, "topics").value_or("");
  ListQuery query = ReadListQuery({{"offset", first}}, PartitionRules());
  query.cluster = row.cluster->name;
  const std::vector<const analysis::GroupTopicReport*> topics = ReadTopics(row);
  query.offset = ShownOffset(query, topics.size());
  AddHeading(words::kTopics, static_cast<std::int64_t>(topics.size()), html);
  BeginTable(words::kTopics, {kTopic, kPartitions, kDelay, kLag, kConsumed, kLost}, html);
  const std::size_t end = query.offset + std::min(query.limit, topics.size() - query.offset);
  for (std::size_t i = query.offset; i < end; ++i) {
    AddReadTopic(*topics[i], row.cluster->report->topics[topics[i]->topic].name, html);
  }
  EndTable(html);
  AddPaging(request, {"group", query, topics.size(), "topics"}, html);
}

void AddPair(const PairRow& row, Html& html) {
  html.Raw("<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">").Text(row.topic->name);
  html.Raw("</th>");
  AddCell(kPartition, std::to_string(row.pair->partition), html);
  BeginCell(kStatus, html);
  AddStatus(row.pair->status, html);
  EndCell(html);
  AddCell(kDelay, FormatSpan(row.pair->lag_ms, html.language()), html);
  AddCell(kLag, FormatCount(row.pair->lag), html);
  AddCell(kCommitted, FormatCount(row.pair->committed), html);
  AddCell(kLogEnd, FormatCount(row.log == nullptr ? kUnknown : row.log->end), html);
  html.Raw("</tr>\n");
}

void AddPartitions(const PageRequest& request, const GroupRow& row, Html& html) {
  ListQuery query = ReadListQuery(request.parameters, PartitionRules());
  const std::vector<PairRow> pairs = PairsOf(*row.cluster, *row.report);
  query.offset = ShownOffset(query, pairs.size());
  AddHeading(words::kPartitions, static_cast<std::int64_t>(pairs.size()), html);
  BeginTable(words::kPartitions, {kTopic, kPartition, kStatus, kDelay, kLag, kCommitted, kLogEnd},
             html);
  const std::size_t begin = query.offset;
  const std::size_t end = begin + std::min(query.limit, pairs.size() - begin);
  for (std::size_t i = begin; i < end; ++i) AddPair(pairs[i], html);
  EndTable(html);
  AddPaging(request, {"group", query, pairs.size()}, html);
}

void BeginGroupPage(const PageRequest& request, std::string_view cluster, std::string_view name,
                    Html& html) {
  const std::string_view shown = ShownName(name, html);
  BeginPage(request, "group", shown, html);
  html.Raw("<p class=\"path\">");
  AddLink(LinkTo(request, "./", {}), words::kGroups.In(html.language()), html);
  html.Raw(" / ");
  AddLink(LinkTo(request, "./", {{"cluster", std::string(cluster)}}), cluster, html);
  html.Raw("</p>\n<h1>").Text(shown).Raw("</h1>\n");
}

}  // namespace

HtmlAnswer GroupPage(const PageRequest& request) {
  const std::string_view name = Find(request.parameters, "name").value_or("");
  const std::string_view cluster_name = Find(request.parameters, "cluster").value_or("");
  const ClusterView* cluster = FindCluster(request.view, cluster_name);
  const GroupReport* group = cluster == nullptr ? nullptr : FindGroup(*cluster, name);
  Html html(request.language);
  BeginGroupPage(request, cluster_name, name, html);
  if (group == nullptr) {
    AddMissing(request, html);
    html.Raw("<p class=\"empty\">").Say(words::kNoGroup).Raw("</p>\n");
  } else {
    AddVerdict(request, {cluster, group}, html);
    AddFacts(request, *group, html);
    AddCharts(*cluster, *group, html);
    AddReadTopics(request, {cluster, group}, html);
    AddPartitions(request, {cluster, group}, html);
  }
  EndPage(html);
  return {group == nullptr ? 404 : 200, html.Take()};
}

}  // namespace backlogd::status
