#include <algorithm>
#include <cmath>

#include "sim/capacity_report.h"
#include "sim/svg_chart.h"

namespace backlogd::sim {
namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --ground: #fff; --text: #1c2430; --faint: #5b6675;
  --grid: #dfe4ea; --box: #f4f6f8; --c0: #0b62a8; --c1: #c2410c; --c2: #15803d; --c3: #7e22ce;
  --c4: #8a6100; --c5: #0e7490; }
@media (prefers-color-scheme: dark) { :root { --ground: #12161c; --text: #e6eaf0;
  --faint: #9aa6b5; --grid: #2c3540; --box: #1b212a; --c0: #6cb6ff; --c1: #ff9a5c; --c2: #5fd38a;
  --c3: #c99bff; --c4: #e5c04b; --c5: #4fd1e0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 1rem; background: var(--ground);
  color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 1.75rem 0 .5rem; }
.faint, .legend { color: var(--faint); }
.verdict { background: var(--box); border-left: .3rem solid var(--c0); border-radius: .3rem;
  padding: .6rem 1rem; }
.verdict p { margin: .35rem 0; }
.verdict p:first-child { font-size: 1.15rem; font-weight: 600; }
.charts { display: grid; gap: 1.5rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); }
figure { margin: 0; } figcaption { font-weight: 600; }
svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--faint); font: 12px system-ui, sans-serif; }
svg text.title { fill: var(--text); }
.grid { stroke: var(--grid); } .axis { stroke: var(--faint); }
.reference { stroke: var(--faint); stroke-width: 1.5; stroke-dasharray: 6 4; }
polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
.s0 { stroke: var(--c0); } .s1 { stroke: var(--c1); stroke-dasharray: 7 3; }
.s2 { stroke: var(--c2); stroke-dasharray: 2 3; }
.s3 { stroke: var(--c3); stroke-dasharray: 9 3 2 3; }
.s4 { stroke: var(--c4); stroke-dasharray: 12 4; } .s5 { stroke: var(--c5); }
circle { fill: var(--ground); stroke-width: 2; }
svg circle[class] { stroke-dasharray: none; }
.legend { margin: .25rem 0 0; font-size: .9rem; } .legend span { margin-right: 1rem; }
.legend i { display: inline-block; width: 1.4em; margin-right: .4em; vertical-align: middle;
  border-top: 3px solid var(--faint); }
i.s0 { border-color: var(--c0); } i.s1 { border-color: var(--c1); border-top-style: dashed; }
i.s2 { border-color: var(--c2); border-top-style: dotted; }
i.s3 { border-color: var(--c3); border-top-style: dashed; }
i.s4 { border-color: var(--c4); border-top-style: dashed; } i.s5 { border-color: var(--c5); }
i.reference { border-top-style: dashed; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .8rem .3rem 0; text-align: right; border-bottom: 1px solid var(--grid);
  white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
pre { background: var(--box); border-radius: .3rem; padding: .8rem 1rem; overflow-x: auto;
  font-size: .9rem; }
)";

using Row = std::vector<std::string>;

std::string Cells(const Row& row, const std::string& tag) {
  std::string html = "<tr>";
  for (const std::string& cell : row) {
    html.append("<").append(tag).append(">").append(EscapeHtml(cell));
    html.append("</").append(tag).append(">");
  }
  return html + "</tr>\n";
}

std::string Table(const Row& head, const std::vector<Row>& rows) {
  if (rows.empty()) return "";
  std::string html =
      "<div class=\"scroll\"><table>\n<thead>" + Cells(head, "th") + "</thead>\n<tbody>\n";
  for (const Row& row : rows) html += Cells(row, "td");
  return html + "</tbody>\n</table></div>\n";
}

std::string Section(const std::string& title, const std::string& content) {
  return content.empty() ? "" : "<h2>" + EscapeHtml(title) + "</h2>\n" + content;
}

std::string Perhaps(std::optional<double> value) { return value ? Readable(*value) : "-"; }

std::string RatesTable(const CapacityReport& report) {
  std::vector<Row> rows;
  const auto add = [&rows](const std::string& name, const Rate& rate) {
    const std::optional<Estimate> estimate = rate.Get();
    if (!estimate) return;
    const RateRun& last = rate.runs.back();
    rows.push_back({name, Readable(estimate->mean), Perhaps(estimate->margin),
                    std::to_string(rate.runs.size()), Perhaps(last.p50_ms), Perhaps(last.p99_ms)});
  };
  add("consumer", report.member);
  add("producer", report.producer);
  add("producer through POST /push", report.push);
  return Table({"One instance", "records/s", "± (95 %)", "runs", "p50 ms", "p99 ms"}, rows);
}

std::string FollowsTable(const CapacityReport& report) {
  std::vector<Row> rows;
  for (const FollowRun& run : report.follows) {
    rows.push_back({std::to_string(run.members), Readable(run.inflow), Readable(run.growth),
                    run.keeps_up ? "keeps up" : "piles up"});
  }
  return Table({"Members", "inflow/s", "backlog grows by/s", "verdict"}, rows);
}

std::string StepsTable(const std::string& name, const std::vector<ScaleStep>& steps) {
  std::vector<Row> rows;
  for (const ScaleStep& step : steps) {
    const LoadSeen& load = step.run.load;
    rows.push_back({std::to_string(step.instances), Readable(step.run.records_per_second),
                    Perhaps(load.request_ms), Perhaps(load.throttle_ms),
                    load.busy ? std::to_string(std::lround(*load.busy * 100)) + " %" : "-"});
  }
  return Table({name, "records/s", "request ms", "throttled ms", "this machine busy"}, rows);
}

std::string DrainsTable(const CapacityReport& report) {
  std::vector<Row> rows;
  for (const Drain& drain : report.drains) {
    rows.push_back({std::to_string(drain.members),
                    Readable(static_cast<double>(drain.measured_records)),
                    Readable(drain.measured_seconds), Readable(drain.seconds),
                    drain.with_inflow ? Readable(*drain.with_inflow) : "never"});
  }
  return Table({"Members", "records measured", "in s", "whole backlog, s", "with inflow, s"}, rows);
}

// Of each number of members, the last run.
Chart BacklogChart(const CapacityReport& report) {
  Chart chart{"The backlog while the inflow goes on", "seconds", "records behind", {}};
  std::vector<const FollowRun*> runs;
  for (const FollowRun& run : report.follows) {
    const auto same = std::ranges::find(runs, run.members, &FollowRun::members);
    if (same == runs.end()) {
      runs.push_back(&run);
    } else {
      *same = &run;
    }
  }
  std::ranges::sort(runs, {}, &FollowRun::members);
  for (const FollowRun* run : runs) {
    chart.series.push_back(
        {std::to_string(run->members) + (run->members == 1 ? " member" : " members"),
         run->backlog});
  }
  return chart;
}

Chart StepsChart(const std::string& title, const std::string& x_title, const std::string& series,
                 const std::vector<ScaleStep>& steps) {
  Chart chart{title, x_title, "records/s", {}, true};
  Series line{series, {}, true};
  for (const ScaleStep& step : steps) {
    line.points.push_back({static_cast<double>(step.instances), step.run.records_per_second});
  }
  chart.series.push_back(std::move(line));
  return chart;
}

// By the rates that were measured: what each number of members takes.
Chart DrainChart(const CapacityReport& report) {
  Chart chart{"How long the backlog of " + Readable(static_cast<double>(report.settings.backlog)) +
                  " records takes",
              "members",
              "seconds",
              {},
              true};
  if (report.drains.empty()) return chart;
  Series line{"without inflow", {}, true};
  Series with_inflow{"while the inflow goes on", {}, true};
  const double rate = static_cast<double>(report.settings.backlog) / report.drains.front().seconds;
  for (int members = 1; members <= report.most_members; ++members) {
    const double carried = rate * members;
    const auto backlog = static_cast<double>(report.settings.backlog);
    line.points.push_back({static_cast<double>(members), backlog / carried});
    const double surplus = carried - report.settings.inflow;
    if (surplus < 0.1 * report.settings.inflow) continue;
    with_inflow.points.push_back({static_cast<double>(members), backlog / surplus});
  }
  chart.series.push_back(std::move(line));
  if (!with_inflow.points.empty()) chart.series.push_back(std::move(with_inflow));
  return chart;
}

std::string Charts(const CapacityReport& report) {
  Chart producers =
      StepsChart("Producers together", "producers", "all producers", report.producers);
  const std::string figures = ToFigure(BacklogChart(report)) + ToFigure(DrainChart(report)) +
                              ToFigure(producers) +
                              ToFigure(StepsChart("Consumers together, without handling",
                                                  "consumers", "all consumers", report.consumers));
  return figures.empty() ? "" : "<div class=\"charts\">\n" + figures + "</div>\n";
}

std::string Verdict(const CapacityReport& report) {
  std::string html;
  for (const std::string& sentence : report.judgement.words) {
    html += "<p>" + EscapeHtml(sentence) + "</p>\n";
  }
  if (!report.ended.empty()) {
    html += "<p>Not everything: " + EscapeHtml(report.ended) + "</p>\n";
  }
  return "<div class=\"verdict\">\n" + html + "</div>\n";
}

}  // namespace

std::string ToHtml(const CapacityReport& report) {
  const config::SimCapacity& settings = report.settings;
  const std::string title = "Capacity of " + report.topic;
  const std::string of = std::to_string(report.partitions) + " partitions, inflow " +
                         Readable(settings.inflow) + " records/s, values of " +
                         Readable(static_cast<double>(settings.value_bytes)) + " bytes, " +
                         Readable(settings.handling_ms) + " ms to handle a record";
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>" +
      EscapeHtml(title) + "</title>\n<style>" + std::string(kStyle) +
      "</style>\n</head>\n<body>\n<h1>" + EscapeHtml(title) + "</h1>\n<p class=\"faint\">" +
      EscapeHtml(of) + "</p>\n" + Verdict(report) + Section("Charts", Charts(report)) +
      Section("What one instance carries", RatesTable(report)) +
      Section("Members at the inflow", FollowsTable(report)) +
      Section("Adding producers", StepsTable("Producers", report.producers)) +
      Section("Adding consumers", StepsTable("Consumers", report.consumers)) +
      Section("Draining a backlog", DrainsTable(report));
  if (!report.judgement.hint.empty()) {
    html += "<h2>For backlogd&#39;s configuration</h2>\n<pre>" + EscapeHtml(report.judgement.hint) +
            "</pre>\n";
  }
  return html + "</body>\n</html>\n";
}

}  // namespace backlogd::sim
