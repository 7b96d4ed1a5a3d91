#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "analysis/lag_report.h"
#include "deadletters/classify.h"
#include "deadletters/discovery.h"
#include "kafka/record.h"
#include "kafka/types.h"
#include "snapshot/cluster_snapshot.h"

namespace backlogd::analysis {

struct LagHistory;

struct DeadLetterSettings {
  deadletters::Discovery discovery{deadletters::DiscoverySettings{}};
  std::vector<deadletters::ReasonRule> reasons = {};  // the operator's own
  bool scan = false;  // whether somebody reads the queues: see WantedRecords
};

struct AnalysisSettings {
  std::chrono::milliseconds poll_interval{15'000};
  // What a status and a rate look back on; never less than eight polls.
  std::chrono::milliseconds window{300'000};
  std::chrono::milliseconds drain_time{1'800'000};  // in which members_needed drain the backlog
  // Whether a group's lag is measured to the last stable offset; nobody's if empty.
  std::function<bool(std::string_view group)> reads_committed;
  DeadLetterSettings dead_letters = {};
  // Records per second that a member of a group can read, until that was observed; nobody's if
  // empty.
  std::function<std::optional<double>(std::string_view group)> capacity_hint = {};
};

// Folds the polls of one cluster, one after the other, into what they mean.
// Deterministic: the same snapshots in the same order give the same reports. Reads no clock.
// Not thread-safe.
//
// - A value that was not read in this poll keeps its last one for two more polls, then is absent:
//   no number that is served is older than three polls.
// - A sum is known only if all its parts are.
// - What was not noticed yet (a new topic, a group without commits) has no value rather than 0.
// - Time lags come from the log ends seen in each poll and, where those do not reach, from lookups
//   of timestamps: after Fold, ask WantedTimes, look them up, give the answers to TakeTimes, and
//   again, until nothing is wanted or the poll's time is over.
class LagAnalyzer {
 public:
  explicit LagAnalyzer(AnalysisSettings settings);
  ~LagAnalyzer();
  LagAnalyzer& operator=(LagAnalyzer&& other) noexcept;

  // Other settings, or another selection of topics and groups, from the next Fold on. History and
  // counters stay; a group whose isolation changed has no lag until its commits are read again.
  // What the next Fold sees for the first time is taken for long there. REQUIRES: not between Fold
  // and Report
  void Reconfigure(AnalysisSettings settings);

  void Fold(snapshot::ClusterSnapshot seen);

  // Timestamps to look up now: at most `most`, no partition twice, the most lagging first. Empty if
  // all time lags are known well enough. The text in them is valid until the next Fold.
  std::vector<kafka::PartitionTime> WantedTimes(std::size_t most);
  // `answers`: to what WantedTimes last returned, in its order. Those with an error are left out.
  void TakeTimes(std::span<const kafka::PartitionOffset> answers);

  // New records of dead-letter queues to read now; none unless settings.dead_letters.scan. The
  // queues come in turns, those that were not read to their end first. The text in the ranges is
  // valid until the next Fold.
  std::vector<kafka::ReadRange> WantedRecords();
  std::size_t DeadLetterQueues() const;  // among which those of the ranges change
  // A record of the range at that place in WantedRecords. Its reason is counted; nothing of it is
  // kept.
  void TakeRecord(std::size_t range, const kafka::Record& record);
  // How far the ranges were read: one outcome for each.
  void TakeReadOutcomes(std::span<const kafka::ReadOutcome> outcomes);

  // How a step went that Fold was not told of, for the report.
  void TakeStep(const snapshot::StepOutcome& step);

  LagReport Report() const;

 private:
  AnalysisSettings settings_;
  std::unique_ptr<LagHistory> history_;
};

}  // namespace backlogd::analysis
