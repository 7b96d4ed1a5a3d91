#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "analysis/lag_report.h"

// What holds for every report, whatever was polled.
namespace backlogd::analysis {

// Says what is wrong with a report by itself; empty: nothing.
std::vector<std::string> FindContradictions(const LagReport& report);

// Sees what is wrong with a report after those before it. What was carried may be two polls old.
class ReportWatch {
 public:
  // Counters that fell; those of a group or topic that is gone may begin anew. And more members
  // said to be needed than there were partitions.
  std::vector<std::string> FindWrong(const LagReport& report);

 private:
  void FindFallen(const LagReport& report, std::vector<std::string>& wrong);
  void FindIdleMembers(const LagReport& report, std::vector<std::string>& wrong);

  std::map<std::pair<std::string, std::string>, std::pair<std::int64_t, std::int64_t>> consumed_;
  std::map<std::string, std::int64_t> produced_;
  std::map<std::string, std::vector<std::int64_t>> partitions_;  // of each group, newest last
};

// All that a report says, as text: equal reports have equal texts.
std::string Print(const LagReport& report);

}  // namespace backlogd::analysis
