#include "analysis/lag_analyzer.h"

#include <algorithm>
#include <utility>

#include "analysis/lag_history.h"

namespace backlogd::analysis {
namespace {

// What was refused (an ACL, an unknown request) was answered. Dead letters are read as far as there
// is time: what does not come in time says nothing of the cluster.
bool IsUnanswered(const snapshot::Failure& failure) {
  return failure.step != snapshot::Step::kReadDeadLetters &&
         failure.kind != ErrorKind::kUnauthorized && failure.kind != ErrorKind::kUnsupported;
}

}  // namespace

LagAnalyzer::LagAnalyzer(AnalysisSettings settings)
    : settings_(std::move(settings)), history_(std::make_unique<LagHistory>(settings_)) {}

LagAnalyzer::~LagAnalyzer() = default;

LagAnalyzer& LagAnalyzer::operator=(LagAnalyzer&& other) noexcept = default;

void LagAnalyzer::Reconfigure(AnalysisSettings settings) {
  const bool scan_begins = settings.dead_letters.scan && !settings_.dead_letters.scan;
  settings_ = std::move(settings);
  history_->clock.Retime(settings_.window, settings_.poll_interval);
  history_->selection_changed = true;
  for (GroupHistory& group : history_->groups) ApplySettings(settings_, group);
  ForgetDiscovery(scan_begins, history_->dead_letters);
}

void LagAnalyzer::Fold(snapshot::ClusterSnapshot seen) {
  LagHistory& history = *history_;
  ++history.poll;
  history.lookup_round = 0;
  history.wanted.clear();
  history.broker_health.Update(seen.client_statistics);
  if (seen.metadata_known) {
    if (!history.clock.Tick(seen.ends_at, seen.ends_steady)) ForgetTimes(history);
    history.cluster_id = std::move(seen.cluster_id);
    history.brokers = std::move(seen.brokers);
    FoldTopics(seen, history);
    FoldGroups(seen, settings_, history);
    JudgeGroups(settings_, history);
    FoldDeadLetters(seen, settings_.dead_letters, history);
    history.data_time = seen.taken_at;
    history.metadata_at = history.poll;
    history.selection_changed = false;
  }
  history.outcome = {seen.taken_at, seen.metadata_known, seen.steps, std::move(seen.failures),
                     std::move(seen.client_statistics)};
}

std::vector<kafka::PartitionTime> LagAnalyzer::WantedTimes(std::size_t most) {
  if (history_->metadata_at != history_->poll) return {};
  return WantTimes(most, settings_, *history_);
}

void LagAnalyzer::TakeTimes(std::span<const kafka::PartitionOffset> answers) {
  analysis::TakeTimes(answers, *history_);
}

std::vector<kafka::ReadRange> LagAnalyzer::WantedRecords() {
  if (!settings_.dead_letters.scan || history_->metadata_at != history_->poll) return {};
  return WantRecords(*history_);
}

std::size_t LagAnalyzer::DeadLetterQueues() const { return history_->dead_letters.queues.size(); }

void LagAnalyzer::TakeRecord(std::size_t range, const kafka::Record& record) {
  analysis::TakeRecord(range, record, settings_.dead_letters, *history_);
}

void LagAnalyzer::TakeReadOutcomes(std::span<const kafka::ReadOutcome> outcomes) {
  TakeOutcomes(outcomes, *history_);
}

void LagAnalyzer::TakeStep(const snapshot::StepOutcome& step) {
  PollOutcome& outcome = history_->outcome;
  outcome.steps[static_cast<std::size_t>(step.step)] = step.result;
  outcome.failures.insert(outcome.failures.end(), step.failures.begin(), step.failures.end());
}

LagReport LagAnalyzer::Report() const {
  const LagHistory& history = *history_;
  const PollOutcome& outcome = history.outcome;
  LagReport report;
  report.taken_at = outcome.taken_at;
  report.up = outcome.metadata_known && std::ranges::none_of(outcome.failures, IsUnanswered);
  report.steps = outcome.steps;
  report.failures = outcome.failures;
  report.client_statistics = outcome.client_statistics;
  report.has_data = IsFresh(history.metadata_at, history.poll);
  report.data_time = history.data_time;
  if (!report.has_data) return report;
  analysis::Report(history, report);
  ReportDeadLetters(history, settings_.dead_letters.scan, report);
  return report;
}

}  // namespace backlogd::analysis
