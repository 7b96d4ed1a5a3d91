#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "analysis/lag_report.h"
#include "base/log.h"
#include "exposition/render.h"

namespace backlogd::app {

// Tells the log how the polls of one cluster go: each change of `up`, and each poll's failures, one
// line for each step and reason. A step that goes on failing, be it for other reasons in between,
// is told again for that reason if its example is another for kLasting polls (numbers in it make no
// difference), and after kReminder polls. A refusal names the right to grant. A poll without
// failures is told at debug. Not thread-safe.
class PollLog {
 public:
  static constexpr int kReminder = 20;
  static constexpr int kLasting = 5;
  static constexpr std::size_t kMostExamples = 10;

  PollLog(std::string kafka_cluster, Log& log);

  void Write(const analysis::LagReport& report, std::chrono::duration<double> duration);
  // Which detail the series budget left out of the page: told when that changes.
  void WriteDropped(const exposition::DroppedSeries& dropped);

 private:
  void WriteUp(const analysis::LagReport& report);
  void WriteFailures(const analysis::LagReport& report);
  void WriteFailure(const snapshot::Failure& failure);

  const std::string kafka_cluster_;
  Log& log_;
  std::optional<bool> up_;                  // of the last poll
  exposition::DroppedSeries dropped_ = {};  // the same
  // Of the steps that the last poll failed in. Examples are without numbers.
  struct Told {
    int polls = 0;                   // since it was told
    std::set<std::string> examples;  // that were told; at most kMostExamples
    std::string last;                // example
    int lasted = 0;                  // so many times in a row
  };
  static bool IsToBeTold(Told& told, const std::string& example);

  std::map<std::pair<snapshot::Step, ErrorKind>, Told> failures_;
};

}  // namespace backlogd::app
