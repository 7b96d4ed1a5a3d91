#include "dlq/record_text.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/printable.h"

namespace backlogd::dlq {
namespace {

using cli::Escape;
using cli::Head;
using cli::More;

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kDumpWidth = 16;

std::string Hex(unsigned char byte) { return {kHexDigits[byte >> 4], kHexDigits[byte & 15]}; }

// Text that people wrote: UTF-8, and of the control characters only those of lines.
bool IsText(std::string_view bytes) {
  return IsValidUtf8(bytes) && std::ranges::none_of(bytes, [](char byte) {
           const auto code = static_cast<unsigned char>(byte);
           return code < 0x20 && byte != '\n' && byte != '\r' && byte != '\t';
         });
}

std::string DumpLine(std::size_t offset, std::string_view bytes) {
  std::array<char, 32> number = {};
  std::snprintf(number.data(), number.size(), "%06zx ", offset);
  std::string line = number.data();
  std::string readable;
  for (std::size_t i = 0; i < kDumpWidth; ++i) {
    line += i % 8 == 0 ? "  " : " ";
    if (i >= bytes.size()) {
      line += "  ";
      continue;
    }
    line += Hex(static_cast<unsigned char>(bytes[i]));
    readable += bytes[i] >= 0x20 && bytes[i] < 0x7f ? bytes[i] : '.';
  }
  return line + "  |" + readable + "|";
}

std::string Indented(std::string_view text, std::string_view indent) {
  std::string block;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    block.append(indent).append(text.substr(0, end)).append("\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return block;
}

std::string Dump(std::string_view bytes, std::size_t max_bytes, std::string_view indent) {
  const std::string_view shown = bytes.substr(0, max_bytes);
  std::string block;
  for (std::size_t i = 0; i < shown.size(); i += kDumpWidth) {
    block.append(indent).append(DumpLine(i, shown.substr(i, kDumpWidth))).append("\n");
  }
  return block + Indented(More(bytes, shown), indent);
}

// JSON set out on several lines, its words as they are: a number that no double holds stays itself.
std::string SetOut(std::string_view json) {
  constexpr std::size_t kMaxIndent = 40;
  std::string text;
  std::size_t depth = 0;
  bool in_string = false;
  const auto new_line = [&] { text.append("\n").append(std::min(2 * depth, kMaxIndent), ' '); };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      text += c;
      if (c == '\\') text += json[++i];
      in_string = c != '"';
      continue;
    }
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    in_string = c == '"';
    const bool closes = c == '}' || c == ']';
    if (closes && depth > 0) --depth;
    const bool empty = closes && (text.ends_with('{') || text.ends_with('['));
    if (!empty && (closes || text.ends_with('{') || text.ends_with('[') || text.ends_with(','))) {
      new_line();
    }
    text += c;
    if (c == ':') text += ' ';
    if (c == '{' || c == '[') ++depth;
  }
  return text;
}

// "" for what is no object or array of JSON.
std::string PrettyJson(std::string_view bytes) {
  const std::size_t begin = bytes.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || (bytes[begin] != '{' && bytes[begin] != '[')) return "";
  return nlohmann::json::accept(bytes) ? SetOut(bytes) : "";
}

bool IsSpringsNumber(std::string_view name) {
  const bool springs = name.starts_with("kafka_") || name.starts_with("retry_topic-") ||
                       name.starts_with("x-original-");
  return springs && (name.ends_with("-partition") || name.ends_with("-offset") ||
                     name.ends_with("-timestamp") || name.ends_with("-attempts") ||
                     name.ends_with("deliveryAttempt"));
}

std::string BigEndian(std::string_view bytes) {
  std::uint64_t number = (bytes[0] & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return std::to_string(static_cast<std::int64_t>(number));
}

}  // namespace

std::string ToBlock(std::string_view bytes, std::size_t max_bytes, std::string_view indent) {
  if (!IsText(bytes)) return Dump(bytes, max_bytes, indent);
  std::string pretty = PrettyJson(bytes);
  if (pretty.empty()) pretty = bytes;
  const std::string_view shown = Head(pretty, max_bytes);
  return Indented(Escape(shown, "\n") + More(pretty, shown), indent);
}

std::string HeaderToLine(std::string_view name, std::optional<std::string_view> value,
                         std::size_t max_bytes) {
  if (!value) return "(null)";
  const bool binary = value->size() == 4 || value->size() == 8 || !IsText(*value);
  if (IsSpringsNumber(name) && binary && !value->empty() && value->size() <= 8) {
    return BigEndian(*value);
  }
  if (IsText(*value)) return ToLine(*value, max_bytes);
  const std::string_view shown = value->substr(0, max_bytes / 2);
  std::string text = "0x";
  for (const char byte : shown) text += Hex(static_cast<unsigned char>(byte));
  return text + More(*value, shown);
}

}  // namespace backlogd::dlq
