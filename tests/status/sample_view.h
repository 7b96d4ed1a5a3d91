#pragma once

#include <memory>
#include <string>

#include "status/board.h"

namespace backlogd::status {

inline constexpr WallTime kNow{std::chrono::milliseconds(1'790'000'000'000)};

// A hostile name: markup, quotes, a control character, a byte that is not UTF-8.
inline const std::string kHostile = "<script>alert(1)</script>\"'&\x01\xFF\u202E";

// Three groups of each status in turn, on a topic of two partitions each.
std::shared_ptr<analysis::LagReport> SampleReport(std::size_t groups);

// A board on which the clusters "east" (with this report) and "west" (not polled yet) are.
class SampleBoard {
 public:
  explicit SampleBoard(std::shared_ptr<const analysis::LagReport> report);

  View view() const;

 private:
  Board board_{{"east", "west"}};
};

}  // namespace backlogd::status
