#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

// What records hold, made fit for a terminal: whatever the bytes are, no control character, escape
// sequence or sign that turns the direction of writing is left in the text. All of it is bounded by
// `max_bytes` of what was given; what is left out is counted: "... (1234 bytes more)".
namespace backlogd::dlq {

// One line.
std::string ToLine(std::string_view bytes, std::size_t max_bytes);

// Several lines, each begun with `indent` and ended: JSON set out, text as it is, or else a dump in
// hexadecimal.
std::string ToBlock(std::string_view bytes, std::size_t max_bytes, std::string_view indent);

// JSON that says the same, with the signs that a terminal obeys, or that change how others look,
// as "\u202e". REQUIRES: valid JSON in UTF-8, without control characters below U+0020
std::string EscapeJson(std::string_view json);

// The value of a header as a line: text; the numbers that Spring writes as binary in decimal; other
// bytes as "0x0a0b".
std::string HeaderToLine(std::string_view name, std::optional<std::string_view> value,
                         std::size_t max_bytes);

// "2026-11-25T19:49:45.123Z"; "@" and the milliseconds since the epoch for years that have not four
// digits.
std::string FormatTime(WallTime time);

// "3m", "5h 12m", "2d 3h"; "0s" for what is in the future.
std::string FormatAge(std::chrono::milliseconds age);

}  // namespace backlogd::dlq
