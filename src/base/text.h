#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace backlogd {

// `text` as valid UTF-8: each byte that is not part of a well-formed sequence becomes U+FFFD.
std::string ToValidUtf8(std::string_view text);

// True if ToValidUtf8 would change nothing.
bool IsValidUtf8(std::string_view text);

// Position of the first byte that is not part of a well-formed UTF-8 sequence; npos if none.
std::size_t FindInvalidUtf8(std::string_view text);

// `text` with "#" in the place of each number: texts that tell the same of other amounts, durations
// or ports become equal.
std::string WithoutNumbers(std::string_view text);

// Duration as Prometheus writes it: an integer and a unit, repeated from the largest unit to the
// smallest ("15s", "1m30s", "500ms", "2d"; units d, h, m, s, ms). Absent if `text` is not one or
// does not fit in 64 bits of milliseconds.
std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text);

// The text that ParseDuration reads back as the same value, in the largest units: "1m30s", "0s".
// REQUIRES: duration >= 0
std::string FormatDuration(std::chrono::milliseconds duration);

// A number of bytes: an integer, alone or with one of the units KiB, MiB, GiB behind it ("16MiB").
// Absent if `text` is not one or does not fit in 64 bits.
std::optional<std::int64_t> ParseByteSize(std::string_view text);

// The text that ParseByteSize reads back as the same value, in the largest unit that is whole:
// "16MiB", "1025", "0". REQUIRES: bytes >= 0
std::string FormatByteSize(std::int64_t bytes);

}  // namespace backlogd
