#pragma once

#include <cstdint>

namespace backlogd::analysis {

// Number of a poll, from 1; 0 is "never".
using PollNumber = std::uint32_t;

// A value lives through two polls that could not read it.
inline constexpr PollNumber kCarriedPolls = 2;

// Whether a value last read in poll `seen_at` may still be served in poll `now`.
inline bool IsFresh(PollNumber seen_at, PollNumber now) {
  return seen_at != 0 && now - seen_at <= kCarriedPolls;
}

}  // namespace backlogd::analysis
