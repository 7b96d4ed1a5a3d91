#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "analysis/draw.h"
#include "analysis/report_checks.h"
#include "analysis/simulated_cluster.h"
#include "analysis/simulated_monitor.h"

namespace backlogd::analysis {

// Runs `body` with seed 1, 2, ... and stops at the first that fails. How many: BACKLOGD_SEEDS in
// the environment, or `count`. The first: BACKLOGD_FIRST_SEED, or 1.
void ForEachSeed(int count, const std::function<void(std::uint64_t seed)>& body);

// One group that reads one topic, watched at default settings: a poll each 15 s, give or take; one
// now and then comes late or fails. Rates, partitions and the topic's past are drawn from the seed.
// Checks at every poll what holds always, and that the time lags are right.
class Scenario {
 public:
  Scenario(std::uint64_t seed, int least_partitions, int most_partitions);

  // Members that together read `ratio` times what is written; each its share.
  void Consumers(int members, double ratio);
  // Changes what is written into all partitions.
  void MultiplyInflow(double factor);

  // The next polls.
  void Watch(int polls);
  // The next polls, in each of which the group has this status and this cause.
  void Hold(int polls, Status status, std::optional<Cause> cause);
  // Starts to count changes of the status anew.
  void CountChanges() { changes_ = 0; }
  int changes() const { return changes_; }
  // All statuses and causes so far, for a person who looks for a failure's reason.
  std::string Story() const;

  SimulatedTopic& topic() { return cluster.topics[0]; }
  SimulatedGroup& group() { return cluster.groups[0]; }
  double inflow() const;
  const GroupReport& last() const { return report_.groups.at(0); }
  const LagReport& report() const { return report_; }
  int most_rounds() const { return most_rounds_; }  // of lookups in one poll

  Draw draw;
  SimulatedCluster cluster;
  // The group's name under which lags are measured to the last stable offset.
  static constexpr const char* kReadsCommitted = "audit";
  // Set where commits are moved by others than members: what is consumed is not counted then.
  bool resets = false;

 private:
  void WritePast();
  void Poll();
  void Compare(const LagReport& report, std::span<const PairTruth> truths) const;
  void CompareCounters();
  void NoteStatus();
  void Tell();

  SimulatedMonitor monitor_;
  ReportWatch watch_;
  LagReport report_;
  std::optional<Status> status_;
  std::optional<std::int64_t> committed_;           // by all at the first poll
  std::vector<std::pair<std::string, int>> story_;  // and in how many polls
  int changes_ = 0;
  int most_rounds_ = 0;
  int failed_ = 0;  // polls in a row
};

}  // namespace backlogd::analysis
