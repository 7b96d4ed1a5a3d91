#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "deadletters/progress.h"

// Private to the room: ranges of offsets as short text. The lengths of what lies between the ranges
// and of the ranges themselves, by turns, as varints (seven bits a byte, the lowest first; the
// highest bit says that more follow), in base64url without padding.
namespace backlogd::deadletters {

// REQUIRES: `ranges` ascend, lie apart from one another and after `start`
std::string RunLengths(std::int64_t start, std::span<const OffsetRange> ranges);

// What RunLengths made of the ranges after `start`, which is >= 0; nothing if it cannot have made
// it, or if an offset would not fit.
std::optional<std::vector<OffsetRange>> ParseRunLengths(std::int64_t start, std::string_view text);

}  // namespace backlogd::deadletters
