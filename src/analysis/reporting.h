#pragma once

#include <algorithm>
#include <cstdint>

#include "analysis/lag_history.h"
#include "analysis/lag_report.h"

// What the parts of Report() share.
namespace backlogd::analysis {

struct Reporting {
  // The value if it may still be served; counts it if an earlier poll read it.
  std::int64_t Serve(std::int64_t value, PollNumber seen_at) {
    if (!IsFresh(seen_at, history.poll)) return kUnknown;
    if (seen_at != history.poll) ++report.carried_values;
    return value;
  }

  const LagHistory& history;
  LagReport& report;
};

// A sum that is known only if all its parts are.
class StrictSum {
 public:
  void Add(std::int64_t part) {
    if (part == kUnknown) complete_ = false;
    sum_ += part;
  }
  std::int64_t value() const { return complete_ ? sum_ : kUnknown; }

 private:
  std::int64_t sum_ = 0;
  bool complete_ = true;
};

// The largest of numbers that are not negative; known only if all are, and if there are any.
class StrictMax {
 public:
  void Add(std::int64_t part) {
    if (part == kUnknown) complete_ = false;
    max_ = std::max(max_, part);
  }
  std::int64_t value() const { return complete_ ? max_ : kUnknown; }

 private:
  std::int64_t max_ = kUnknown;
  bool complete_ = true;
};

void ReportGroups(Reporting& r);

}  // namespace backlogd::analysis
