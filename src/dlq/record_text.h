#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "cli/printable.h"

// What records hold, made fit for a terminal: whatever the bytes are, no control character, escape
// sequence or sign that turns the direction of writing is left in the text. All of it is bounded by
// `max_bytes` of what was given; what is left out is counted: "... (1234 bytes more)".
namespace backlogd::dlq {

using cli::EscapeJson;
using cli::FormatAge;
using cli::FormatTime;
using cli::ToLine;

// Several lines, each begun with `indent` and ended: JSON set out, text as it is, or else a dump in
// hexadecimal.
std::string ToBlock(std::string_view bytes, std::size_t max_bytes, std::string_view indent);

// The value of a header as a line: text; the numbers that Spring writes as binary in decimal; other
// bytes as "0x0a0b".
std::string HeaderToLine(std::string_view name, std::optional<std::string_view> value,
                         std::size_t max_bytes);

}  // namespace backlogd::dlq
