#include <cmath>

#include "status/elements.h"
#include "status/format.h"

namespace backlogd::status {
namespace {

constexpr Column kStep{words::kStep};
constexpr Column kResult{words::kResult};
constexpr Column kDuration{words::kDuration, true};
constexpr Column kReason{words::kReason};
constexpr Column kCount{words::kCount, true};
constexpr Column kExample{words::kExample};

std::int64_t Milliseconds(double seconds) { return std::llround(seconds * 1000); }

void AddProgram(const PageRequest& request, Html& html) {
  const DaemonFacts& daemon = request.view.daemon;
  const auto now = static_cast<double>(request.view.now.time_since_epoch().count()) / 1000;
  const std::int64_t age =
      daemon.start_time_seconds
          ? Milliseconds(std::floor(std::max(0.0, now - *daemon.start_time_seconds)))
          : analysis::kUnknown;
  html.Raw("<dl class=\"facts\">");
  AddFact(words::kVersion, daemon.version + " (" + daemon.revision + ")", html);
  AddFact(words::kRunning, FormatSpan(age, html.language()), html);
  AddFact(words::kMemory, FormatBytes(daemon.resident_memory_bytes), html);
  AddFact(words::kCpu,
          FormatSpan(daemon.cpu_seconds ? Milliseconds(*daemon.cpu_seconds) : analysis::kUnknown,
                     html.language()),
          html);
  html.Raw("</dl>\n");
}

void AddSteps(const analysis::LagReport& report, Html& html) {
  BeginTable(words::kLastPoll, {kStep, kResult, kDuration}, html);
  for (std::size_t i = 0; i < report.steps.size(); ++i) {
    const snapshot::StepResult& step = report.steps[i];
    html.Raw("<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">");
    html.Text(ToText(static_cast<snapshot::Step>(i))).Raw("</th>");
    BeginCell(kResult, html);
    html.Open("span", {{"class", step.success ? "status ok"
                                 : step.ran   ? "status stopped"
                                              : "status unknown"}});
    html.Say(step.success ? words::kSucceeded : step.ran ? words::kFailed : words::kSkipped);
    html.Raw("</span>");
    EndCell(html);
    AddCell(kDuration, FormatSpan(Milliseconds(step.duration.count()), html.language()), html);
    html.Raw("</tr>\n");
  }
  EndTable(html);
}

void AddFailures(const analysis::LagReport& report, Html& html) {
  if (report.failures.empty()) return;
  AddHeading(words::kFailures, static_cast<std::int64_t>(report.failures.size()), html);
  BeginTable(words::kFailures, {kStep, kReason, kCount, kExample}, html);
  for (const snapshot::Failure& failure : report.failures) {
    html.Raw("<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">");
    html.Text(ToText(failure.step)).Raw("</th>");
    AddCell(kReason, ToText(failure.kind), html);
    AddCell(kCount, FormatCount(static_cast<std::int64_t>(failure.count)), html);
    AddCell(kExample, failure.example, html);
    html.Raw("</tr>\n");
  }
  EndTable(html);
}

void AddPoll(const PageRequest& request, const ClusterView& cluster, Html& html) {
  html.Raw("<h2>").Text(cluster.name).Raw("</h2>\n");
  if (cluster.report == nullptr) {
    html.Raw("<p class=\"empty\">").Say(words::kWaiting).Raw("</p>\n");
    return;
  }
  html.Raw("<p>").Say(words::kLastPoll).Raw(": ");
  html.Text(FormatInstant(cluster.report->taken_at)).Raw(" (");
  html.Text(FormatAgo(cluster.report->taken_at, request.view.now, html.language())).Raw("), ");
  html.Text(FormatSpan(Milliseconds(cluster.poll_duration.count()), html.language()));
  html.Raw("</p>\n");
  AddSteps(*cluster.report, html);
  AddFailures(*cluster.report, html);
}

}  // namespace

HtmlAnswer DaemonPage(const PageRequest& request) {
  Html html(request.language);
  BeginPage(request, "daemon", words::kDaemon.In(request.language), html);
  AddMissing(request, html);
  html.Raw("<h1>").Say(words::kDaemon).Raw("</h1>\n");
  AddProgram(request, html);
  for (const ClusterView& cluster : request.view.clusters) AddPoll(request, cluster, html);
  EndPage(html);
  return {200, html.Take()};
}

}  // namespace backlogd::status
