#include "analysis/lag_analyzer.h"

#include <algorithm>
#include <utility>

#include "analysis/lag_history.h"

namespace backlogd::analysis {
namespace {

// What was refused (an ACL, an unknown request) was answered.
bool IsUnanswered(const snapshot::Failure& failure) {
  return failure.kind != ErrorKind::kUnauthorized && failure.kind != ErrorKind::kUnsupported;
}

}  // namespace

LagAnalyzer::LagAnalyzer() : history_(std::make_unique<LagHistory>()) {}

LagAnalyzer::~LagAnalyzer() = default;

LagReport LagAnalyzer::Update(snapshot::ClusterSnapshot seen) {
  LagHistory& history = *history_;
  ++history.poll;
  if (seen.metadata_known) {
    history.data_time = seen.taken_at;
    history.cluster_id = std::move(seen.cluster_id);
    history.brokers = std::move(seen.brokers);
    FoldTopics(seen, history);
    FoldGroups(seen, history);
    history.metadata_at = history.poll;
  }
  LagReport report;
  report.taken_at = seen.taken_at;
  report.up = seen.metadata_known && std::ranges::none_of(seen.failures, IsUnanswered);
  report.steps = seen.steps;
  report.failures = std::move(seen.failures);
  report.client_statistics = std::move(seen.client_statistics);
  report.has_data = IsFresh(history.metadata_at, history.poll);
  report.data_time = history.data_time;
  if (report.has_data) Report(history, report);
  return report;
}

}  // namespace backlogd::analysis
