#include "status/elements.h"
#include "status/format.h"
#include "status/sparkline.h"

namespace backlogd::status {
namespace {

using analysis::GroupReport;

constexpr Column kGroup{words::kGroup};
constexpr Column kCluster{words::kCluster};
constexpr Column kStatus{words::kStatus};
constexpr Column kDelay{words::kDelay, true};
constexpr Column kLag{words::kLagRecords, true};
constexpr Column kTrend{words::kLastHour};
constexpr Column kCause{words::kCauseAndAdvice};

std::string TrendLabel(const std::vector<TrendPoint>& points, Language language) {
  std::int64_t most = analysis::kUnknown;
  for (const TrendPoint& point : points) most = std::max(most, point.lag_ms);
  std::string label(words::kLastHour.In(language));
  label += ": ";
  label += words::kAtMost.In(language);
  label += " " + FormatSpan(most, language) + ", ";
  label += words::kNow.In(language);
  return label + " " + FormatSpan(points.back().lag_ms, language);
}

void AddTrend(const GroupRow& row, Html& html) {
  const GroupReport& group = *row.report;
  const std::vector<TrendPoint> points = row.cluster->trends->Of(
      group.name, {row.cluster->report->data_time, group.lag, group.lag_ms});
  BeginCell(kTrend, html);
  AddSparkline({points, &TrendPoint::lag_ms, TrendLabel(points, html.language())}, html);
  EndCell(html);
}

void AddCause(const GroupReport& group, Html& html) {
  BeginCell(kCause, html);
  if (group.cause) {
    const CauseWords& cause = WordsOf(*group.cause);
    html.Raw("<strong>").Say(cause.name).Raw("</strong> <span class=\"advice\">");
    html.Say(cause.advice).Raw("</span>");
  }
  EndCell(html);
}

void AddGroup(const PageRequest& request, const GroupRow& row, Html& html) {
  const GroupReport& group = *row.report;
  html.Raw("<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">");
  AddLink(GroupUrl(request, row.cluster->name, group.name), ShownName(group.name, html), html);
  html.Raw("</th>");
  if (request.view.clusters.size() > 1) AddCell(kCluster, row.cluster->name, html);
  BeginCell(kStatus, html);
  AddStatus(group.status, html);
  EndCell(html);
  AddCell(kDelay, FormatSpan(group.lag_ms, html.language()), html);
  AddCell(kLag, FormatCount(group.lag), html);
  AddTrend(row, html);
  AddCause(group, html);
  html.Raw("</tr>\n");
}

}  // namespace

void AddGroups(const PageRequest& request, const Rows<GroupReport>& rows, Html& html) {
  std::vector<Column> columns{kGroup};
  if (request.view.clusters.size() > 1) columns.push_back(kCluster);
  for (const Column& column : {kStatus, kDelay, kLag, kTrend, kCause}) columns.push_back(column);
  BeginTable(words::kGroups, columns, html);
  for (const GroupRow& row : rows.rows) AddGroup(request, row, html);
  EndTable(html);
}

}  // namespace backlogd::status
