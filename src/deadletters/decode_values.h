#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

// Numbers and instants as text and as header values. Nothing for what is none; never a negative
// number, which frameworks write for "there is none".
namespace backlogd::deadletters {

enum class Encoding {
  kText,    // decimal
  kBinary,  // Java's: 1, 4 or 8 bytes, big-endian; a value of another length is taken as text
};

std::optional<std::int64_t> ParseCount(std::string_view value, Encoding encoding);

// ISO 8601 ("2026-11-22T15:38:42.57Z", "+02:00"; without a zone it is UTC), or seconds or
// milliseconds since the epoch.
std::optional<WallTime> ParseInstant(std::string_view value);

}  // namespace backlogd::deadletters
