#include "cli/printable.h"

#include <array>
#include <cstdint>
#include <cstdio>

#include "base/text.h"

namespace backlogd::cli {
namespace {

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

}  // namespace

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

std::string ToLine(std::string_view bytes, std::size_t max_bytes) {
  const std::string_view shown = Head(bytes, max_bytes);
  return Escape(shown, "") + More(bytes, shown);
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

}  // namespace backlogd::cli
