#include "app/log_line.h"

#include <array>
#include <cstdio>

#include "base/text.h"

namespace backlogd::app {
namespace {

std::string Timestamp(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
      static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

void AppendCodePoint(unsigned code_point, std::string& out) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "\\u%04x", code_point & 0xffffU);
  out.append(text.data(), 6);
}

void AppendAscii(char c, std::string& out) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x20 || byte == 0x7f) {
    AppendCodePoint(byte, out);
  } else {
    out += c;
  }
}

// Code point of a control character or line separator of two or three bytes at the start of
// `text`; 0 if there is none. Terminals obey U+0080..U+009F, and some readers of logs break lines
// at U+2028 and U+2029.
unsigned WideControl(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.size() >= 2 && at(0) == 0xc2 && at(1) < 0xa0) return at(1);
  if (text.starts_with("\xe2\x80\xa8")) return 0x2028;
  if (text.starts_with("\xe2\x80\xa9")) return 0x2029;
  return 0;
}

// Quoted as JSON wants it; logfmt's readers understand the same.
void AppendQuoted(std::string_view text, std::string& out) {
  const std::string valid = ToValidUtf8(text);
  std::string_view rest = valid;
  out += '"';
  while (!rest.empty()) {
    const unsigned control = WideControl(rest);
    if (control == 0) {
      AppendAscii(rest.front(), out);
      rest.remove_prefix(1);
    } else {
      AppendCodePoint(control, out);
      rest.remove_prefix(control < 0x100 ? 2 : 3);
    }
  }
  out += '"';
}

bool NeedsQuotes(std::string_view value) {
  if (value.empty()) return true;
  for (const char c : value) {
    if (c <= ' ' || c > '~' || c == '"' || c == '=' || c == '\\') return true;
  }
  return false;
}

void AppendLogfmt(std::string_view key, std::string_view value, std::string& out) {
  out.append(" ").append(key).append("=");
  if (NeedsQuotes(value)) {
    AppendQuoted(value, out);
  } else {
    out.append(value);
  }
}

void AppendJson(std::string_view key, std::string_view value, std::string& out) {
  out += ',';
  AppendQuoted(key, out);
  out += ':';
  AppendQuoted(value, out);
}

}  // namespace

std::string_view ToText(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return "debug";
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarning: return "warn";
    case LogLevel::kError: break;
  }
  return "error";
}

std::string ToLogfmt(const LogEntry& entry) {
  std::string out = "ts=" + Timestamp(entry.time);
  AppendLogfmt("level", ToText(entry.level), out);
  out += " msg=";
  AppendQuoted(entry.event, out);
  for (const LogField& field : entry.fields) AppendLogfmt(field.key, field.value, out);
  if (entry.suppressed > 0) AppendLogfmt("suppressed", std::to_string(entry.suppressed), out);
  return out;
}

std::string ToJson(const LogEntry& entry) {
  std::string out = R"({"ts":")" + Timestamp(entry.time) + '"';
  AppendJson("level", ToText(entry.level), out);
  AppendJson("msg", entry.event, out);
  for (const LogField& field : entry.fields) AppendJson(field.key, field.value, out);
  if (entry.suppressed > 0) AppendJson("suppressed", std::to_string(entry.suppressed), out);
  out += '}';
  return out;
}

}  // namespace backlogd::app
