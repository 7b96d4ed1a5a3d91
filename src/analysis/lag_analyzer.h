#pragma once

#include <memory>

#include "analysis/lag_report.h"
#include "snapshot/cluster_snapshot.h"

namespace backlogd::analysis {

struct LagHistory;

// Folds the polls of one cluster, one after the other, into what they mean.
// Deterministic: the same snapshots in the same order give the same reports. Reads no clock.
// Not thread-safe.
//
// - A value that was not read in this poll keeps its last one for two more polls, then is absent:
//   no number that is served is older than three polls.
// - A sum is known only if all its parts are.
// - What was not noticed yet (a new topic, a group without commits) has no value rather than 0.
class LagAnalyzer {
 public:
  LagAnalyzer();
  ~LagAnalyzer();

  LagReport Update(snapshot::ClusterSnapshot seen);

 private:
  std::unique_ptr<LagHistory> history_;
};

}  // namespace backlogd::analysis
