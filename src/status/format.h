#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "status/words.h"

// Values for a person. "–" where the value is not known.
namespace backlogd::status {

inline constexpr std::string_view kUnknownSign = "–";

std::string FormatCount(std::int64_t count);                      // "1,234,567"; unknown: negative
std::string FormatRate(const std::optional<double>& per_second);  // "12.5"; "1,234"
// "0 s", "850 ms", "42 s", "5 min 10 s", "3 h 20 min", "2 d 4 h"; unknown: negative
std::string FormatSpan(std::int64_t milliseconds, Language language);
std::string FormatInstant(WallTime at);                               // "2026-11-26 06:43:24 UTC"
std::string FormatAgo(WallTime at, WallTime now, Language language);  // "5 s ago"
std::string FormatBytes(const std::optional<double>& bytes);          // "41.5 MiB"

}  // namespace backlogd::status
