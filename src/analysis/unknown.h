#pragma once

#include <cstdint>

namespace backlogd::analysis {

// An offset, a count or a duration in milliseconds that is not known.
inline constexpr std::int64_t kUnknown = -1;

}  // namespace backlogd::analysis
