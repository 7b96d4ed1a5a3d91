#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "analysis/lag_analyzer.h"

// Polls to feed an analyzer with.
namespace backlogd::analysis {

// An analyzer that is told of one poll after the other, 15 s apart unless they say when they were.
class PolledAnalyzer {
 public:
  explicit PolledAnalyzer(AnalysisSettings settings = {}) : analyzer_(std::move(settings)) {}

  LagReport Update(snapshot::ClusterSnapshot seen) {
    Skip();
    if (seen.taken_at != WallTime{}) {
      steady_ += std::max(WallTime::duration::zero(), seen.taken_at - now_);
      now_ = seen.taken_at;
    }
    seen.ends_at = now_;
    seen.ends_steady = steady_;
    analyzer_.Fold(std::move(seen));
    return analyzer_.Report();
  }
  // Time passes without a poll.
  void Skip() {
    now_ += std::chrono::seconds(15);
    steady_ += std::chrono::seconds(15);
  }
  // The clock is set, and no time passes.
  void SetClock(std::chrono::milliseconds by) { now_ += by; }
  LagAnalyzer& analyzer() { return analyzer_; }

 private:
  LagAnalyzer analyzer_;
  WallTime now_ = WallTime(std::chrono::hours(500'000));
  snapshot::SteadyTime steady_{};
};

using kafka::GroupState;
using snapshot::ClusterSnapshot;
using snapshot::Step;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;

struct LogSeen {
  kafka::Offset start = 0;
  kafka::Offset end = 0;
};
using Commits = std::vector<std::pair<int, kafka::Offset>>;  // (partition, offset)

// A poll that saw one topic "t" of these logs, and the groups that are added.
inline ClusterSnapshot PollOf(std::vector<LogSeen> logs) {
  ClusterSnapshot seen;
  seen.metadata_known = true;
  seen.groups_complete = true;
  seen.topics.push_back({"t", 0, static_cast<std::uint32_t>(logs.size()), {}, {}});
  for (int i = 0; i < std::ssize(logs); ++i) {
    seen.partitions.push_back({0, i, 1, 1, 1, logs[i].start, logs[i].end, logs[i].end});
  }
  return seen;
}

inline snapshot::Group& AddGroup(ClusterSnapshot& seen, const std::string& name,
                                 const Commits& commits) {
  snapshot::Group group;
  group.name = name;
  group.type = kafka::GroupType::kClassic;
  group.state = GroupState::kEmpty;
  group.described = true;
  group.committed_known = true;
  group.first_committed = static_cast<std::uint32_t>(seen.committed.size());
  group.committed_count = static_cast<std::uint32_t>(commits.size());
  for (auto [partition, offset] : commits) seen.committed.push_back({0, partition, offset});
  return seen.groups.emplace_back(std::move(group));
}

inline void Assign(ClusterSnapshot& seen, snapshot::Group& group,
                   const std::vector<int>& partitions) {
  group.state = GroupState::kStable;
  group.members = 1;
  group.first_assigned = static_cast<std::uint32_t>(seen.assigned.size());
  group.assigned_count = static_cast<std::uint32_t>(partitions.size());
  for (int partition : partitions) seen.assigned.push_back({0, partition});
}

inline ClusterSnapshot WithGroup(std::vector<LogSeen> logs, const Commits& commits) {
  ClusterSnapshot seen = PollOf(std::move(logs));
  AddGroup(seen, "g", commits);
  return seen;
}

inline ClusterSnapshot Unreachable() {
  ClusterSnapshot seen;
  seen.failures.push_back({Step::kMetadata, ErrorKind::kTimeout, 1, "timed out"});
  return seen;
}

}  // namespace backlogd::analysis
