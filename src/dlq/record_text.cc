#include "dlq/record_text.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace backlogd::dlq {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kDumpWidth = 16;

std::string Hex(unsigned char byte) { return {kHexDigits[byte >> 4], kHexDigits[byte & 15]}; }

// Of well-formed UTF-8: the sequence that begins here, and what it stands for.
std::size_t Length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
std::uint32_t CodePoint(std::string_view sequence) {
  std::uint32_t point = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() > 1) point &= 0xffU >> (sequence.size() + 1);
  for (const char next : sequence.substr(1)) point = point << 6 | (next & 0x3f);
  return point;
}

// What a terminal obeys instead of showing it, or what changes how others look.
bool IsHarmful(std::uint32_t point) {
  return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x61c ||
         (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
         (point >= 0x2060 && point <= 0x206f) || point == 0xfeff || point >= 0xe0000;
}

void AppendEscaped(std::uint32_t point, std::string& text) {
  switch (point) {
    case '\n': text += "\\n"; return;
    case '\r': text += "\\r"; return;
    case '\t': text += "\\t"; return;
    default: break;
  }
  std::array<char, 16> buffer = {};
  std::snprintf(buffer.data(), buffer.size(), point < 0x100 ? "\\x%02x" : "\\u%04x", point);
  text += buffer.data();
}

// `kept` stay as they are.
std::string Escape(std::string_view bytes, std::string_view kept) {
  const std::string valid = ToValidUtf8(bytes);
  std::string text;
  for (std::size_t i = 0; i < valid.size();) {
    const std::string_view sequence =
        std::string_view(valid).substr(i, Length(static_cast<unsigned char>(valid[i])));
    const std::uint32_t point = CodePoint(sequence);
    if (!IsHarmful(point) || kept.find(valid[i]) != std::string_view::npos) {
      text += sequence;
    } else {
      AppendEscaped(point, text);
    }
    i += sequence.size();
  }
  return text;
}

// The longest beginning of at most so many bytes that cuts no sequence.
std::string_view Head(std::string_view bytes, std::size_t max_bytes) {
  if (bytes.size() <= max_bytes) return bytes;
  std::size_t end = max_bytes;
  while (end > 0 && max_bytes - end < 3 && (bytes[end] & 0xc0) == 0x80) --end;
  return bytes.substr(0, end);
}

std::string More(std::string_view bytes, std::string_view shown) {
  if (shown.size() == bytes.size()) return "";
  return "... (" + std::to_string(bytes.size() - shown.size()) + " bytes more)";
}

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

std::string ToLine(std::string_view bytes, std::size_t max_bytes) {
  const std::string_view shown = Head(bytes, max_bytes);
  return Escape(shown, "") + More(bytes, shown);
}

std::string ToBlock(std::string_view bytes, std::size_t max_bytes, std::string_view indent) {
  if (!IsText(bytes)) return Dump(bytes, max_bytes, indent);
  std::string pretty = PrettyJson(bytes);
  if (pretty.empty()) pretty = bytes;
  const std::string_view shown = Head(pretty, max_bytes);
  return Indented(Escape(shown, "\n") + More(pretty, shown), indent);
}

std::string EscapeJson(std::string_view json) {
  std::string text;
  std::array<char, 16> buffer = {};
  for (std::size_t i = 0; i < json.size();) {
    const std::string_view sequence = json.substr(i, Length(static_cast<unsigned char>(json[i])));
    const std::uint32_t point = CodePoint(sequence);
    i += sequence.size();
    if (!IsHarmful(point)) {
      text += sequence;
      continue;
    }
    if (point < 0x10000) {
      std::snprintf(buffer.data(), buffer.size(), "\\u%04x", point);
    } else {
      const std::uint32_t rest = point - 0x10000;
      std::snprintf(buffer.data(), buffer.size(), "\\u%04x\\u%04x", 0xd800 + (rest >> 10),
                    0xdc00 + (rest & 0x3ff));
    }
    text += buffer.data();
  }
  return text;
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

std::string FormatTime(WallTime time) {
  using std::chrono::milliseconds;
  const std::int64_t count = time.time_since_epoch().count();
  constexpr std::int64_t kYear0 = -62'167'219'200'000;
  constexpr std::int64_t kYear10000 = 253'402'300'800'000;
  if (count < kYear0 || count >= kYear10000) return "@" + std::to_string(count);
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text = {};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text.data();
}

std::string FormatAge(std::chrono::milliseconds age) {
  const std::int64_t seconds = std::max<std::int64_t>(age.count() / 1000, 0);
  const auto with_rest = [&](std::int64_t unit, const char* name, std::int64_t part,
                             const char* part_name) {
    const std::int64_t rest = seconds % unit / part;
    return std::to_string(seconds / unit) + name +
           (rest > 0 ? " " + std::to_string(rest) + part_name : "");
  };
  if (seconds >= 86400) return with_rest(86400, "d", 3600, "h");
  if (seconds >= 3600) return with_rest(3600, "h", 60, "m");
  if (seconds >= 60) return with_rest(60, "m", 1, "s");
  return std::to_string(seconds) + "s";
}

}  // namespace backlogd::dlq
