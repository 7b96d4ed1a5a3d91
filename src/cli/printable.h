#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/time.h"

// Text from elsewhere, made fit for a terminal: whatever the bytes are, no control character,
// escape sequence or sign that turns the direction of writing is left in it.
namespace backlogd::cli {

// Those of the ASCII characters `kept` stay as they are.
std::string Escape(std::string_view bytes, std::string_view kept);

// The longest beginning of at most so many bytes that cuts no sequence of UTF-8.
std::string_view Head(std::string_view bytes, std::size_t max_bytes);

// "... (1234 bytes more)": what `shown`, a beginning of `bytes`, leaves out; "" if nothing.
std::string More(std::string_view bytes, std::string_view shown);

// One line, of at most `max_bytes` of what was given; what is left out is counted.
std::string ToLine(std::string_view bytes, std::size_t max_bytes);

// JSON that says the same, with the signs that a terminal obeys, or that change how others look,
// as "\u202e". REQUIRES: valid JSON in UTF-8, without control characters below U+0020
std::string EscapeJson(std::string_view json);

// "2026-11-25T19:49:45.123Z"; "@" and the milliseconds since the epoch for years that have not four
// digits.
std::string FormatTime(WallTime time);

// "3m", "5h 12m", "2d 3h"; "0s" for what is in the future.
std::string FormatAge(std::chrono::milliseconds age);

}  // namespace backlogd::cli
