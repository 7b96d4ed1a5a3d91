#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "polls.h"

// A group that reads one topic, as the analyzer sees it.
namespace backlogd::analysis {

inline constexpr double kPoll = 15;  // seconds; a window is eight of them

inline AnalysisSettings WindowOfEightPolls() {
  AnalysisSettings settings;
  settings.window = 120s;
  settings.drain_time = 100s;
  return settings;
}

// A group "g" that reads a topic "t" at given rates, poll by poll. Counts are per partition.
struct Load {
  explicit Load(int partitions, int group_members = 1,
                const AnalysisSettings& settings = WindowOfEightPolls())
      : analyzer(settings),
        end(static_cast<std::size_t>(partitions), 1000),
        committed(end),
        members(group_members) {}

  // Polls after which each partition has got and been read so many records more.
  const GroupReport& Poll(int polls, std::vector<kafka::Offset> written,
                          std::vector<kafka::Offset> read) {
    for (int n = 0; n < polls; ++n) {
      for (std::size_t i = 0; i < end.size(); ++i) {
        end[i] += written[i];
        committed[i] = std::min(end[i], committed[i] + read[i]);
      }
      report = analyzer.Update(Snapshot());
    }
    return group();
  }
  const GroupReport& Poll(int polls, kafka::Offset written, kafka::Offset read) {
    return Poll(polls, std::vector(end.size(), written), std::vector(end.size(), read));
  }

  ClusterSnapshot Snapshot() const {
    std::vector<LogSeen> logs;
    Commits commits;
    std::vector<int> assigned;
    for (int i = 0; i < std::ssize(end); ++i) {
      logs.push_back({start, end[static_cast<std::size_t>(i)]});
      assigned.push_back(i);
      if (commits_at_all) commits.emplace_back(i, committed[static_cast<std::size_t>(i)]);
    }
    ClusterSnapshot seen = PollOf(std::move(logs));
    seen.topics[0].config = config;
    snapshot::Group& group = AddGroup(seen, "g", commits);
    if (members > 0) Assign(seen, group, assigned);
    group.members = static_cast<std::uint32_t>(members);
    seen.client_statistics = statistics;
    return seen;
  }

  const GroupReport& group() const { return report.groups.at(0); }

  PolledAnalyzer analyzer;
  std::vector<kafka::Offset> end;
  std::vector<kafka::Offset> committed;
  kafka::Offset start = 0;
  int members;
  bool commits_at_all = true;
  std::optional<kafka::TopicConfig> config;
  std::vector<kafka::BrokerStatistics> statistics;
  LagReport report;
};

}  // namespace backlogd::analysis
