#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace backlogd::analysis {

// What a group does in normal times: the median over the last windows in which it was ok and had
// something to read. A backlog does not change it, however long it lasts, and neither does a night
// without records.
class Baseline {
 public:
  struct Rates {
    double inflow = 0;       // records per second
    double consumption = 0;  // records per second
  };

  // Tells what this poll found: the rates over the last window (absent if not known), and whether
  // the group is ok. At most one in each `window` is kept.
  void Update(const std::optional<Rates>& rates, bool is_ok, WallTime now,
              std::chrono::milliseconds window);

  // Begins a new window.
  void Interrupt() { ok_since_ = {}; }

  // Absent until there was a whole window of normal times.
  std::optional<Rates> Median() const;

 private:
  static constexpr std::size_t kWindows = 12;
  struct Kept {
    float inflow = 0;
    float consumption = 0;
  };
  std::array<Kept, kWindows> kept_{};
  std::uint32_t count_ = 0;  // ever kept
  WallTime ok_since_{};      // when the window that is under way began; the epoch: none is
};

}  // namespace backlogd::analysis
