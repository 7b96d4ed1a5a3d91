#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>

#include "analysis/lag_analyzer.h"
#include "analysis/simulated_cluster.h"

namespace backlogd::analysis {

// Analyzes polls of a simulated cluster as the daemon does those of a real one.
class SimulatedMonitor {
 public:
  explicit SimulatedMonitor(AnalysisSettings settings = {}) : analyzer_(std::move(settings)) {}

  // Lets answers to lookups get lost.
  std::function<void(std::vector<kafka::PartitionOffset>&)> damage_lookups;

  LagReport Take(const SimulatedCluster& cluster, snapshot::ClusterSnapshot seen) {
    analyzer_.Fold(std::move(seen));
    std::size_t left = 10'000;
    for (rounds_ = 0; rounds_ < 20 && left > 0; ++rounds_) {
      const auto question = analyzer_.WantedTimes(left);
      if (question.empty()) break;
      left -= question.size();
      auto answers = cluster.LookUp(question);
      if (damage_lookups) damage_lookups(answers);
      analyzer_.TakeTimes(answers);
      const auto failed = std::ranges::count_if(
          answers, [](const kafka::PartitionOffset& answer) { return answer.error.has_value(); });
      if (failed == std::ssize(answers)) break;
    }
    return analyzer_.Report();
  }

  // That the last poll took.
  int rounds() const { return rounds_; }

 private:
  LagAnalyzer analyzer_;
  int rounds_ = 0;
};

}  // namespace backlogd::analysis
