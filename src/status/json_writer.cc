#include "status/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace backlogd::status {
namespace {

std::string FormatNumber(double value) {
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() ? std::string(digits.data(), end) : "null";
}

void AppendEscaped(char c, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  if (c == '"' || c == '\\') {
    out += '\\';
    out += c;
  } else if (byte < 0x20 || c == '<' || c == '>' || c == '&' || byte == 0x7F) {
    // The brackets too: no reader that mistakes the answer for HTML finds a tag.
    out += "\\u00";
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  } else {
    out += c;
  }
}

}  // namespace

JsonWriter& JsonWriter::Key(std::string_view name) {
  Text(name);
  out_ += ':';
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::Text(std::string_view value) {
  Separate();
  out_ += '"';
  if (IsValidUtf8(value)) {
    for (const char c : value) AppendEscaped(c, out_);
  } else {
    for (const char c : ToValidUtf8(value)) AppendEscaped(c, out_);
  }
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::TextOrNull(std::string_view value) {
  return value.empty() ? Null() : Text(value);
}

JsonWriter& JsonWriter::Bool(bool value) { return Raw(value ? "true" : "false"); }

JsonWriter& JsonWriter::Number(double value) {
  return std::isfinite(value) ? Raw(FormatNumber(value)) : Null();
}

JsonWriter& JsonWriter::Number(std::optional<double> value) {
  return value ? Number(*value) : Null();
}

JsonWriter& JsonWriter::Count(std::uint64_t value) { return Raw(std::to_string(value)); }

JsonWriter& JsonWriter::Known(std::int64_t value) {
  return value < 0 ? Null() : Raw(std::to_string(value));
}

JsonWriter& JsonWriter::Seconds(std::int64_t milliseconds) {
  return milliseconds < 0 ? Null() : Number(static_cast<double>(milliseconds) / 1000);
}

// Milliseconds are not lost on the way: no exponent, three digits at most.
JsonWriter& JsonWriter::Time(std::optional<WallTime> at) {
  if (!at || *at == WallTime{}) return Null();
  const std::int64_t ms = at->time_since_epoch().count();
  std::string text = std::to_string(ms / 1000);
  if (ms % 1000 != 0) {
    text += '.';
    text += std::to_string(1000 + ms % 1000).substr(1);
  }
  return Raw(text);
}

JsonWriter& JsonWriter::Null() { return Raw("null"); }

JsonWriter& JsonWriter::Begin(char bracket) {
  Separate();
  out_ += bracket;
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::End(char bracket) {
  out_ += bracket;
  first_ = false;
  return *this;
}

void JsonWriter::Separate() {
  if (!first_) out_ += ',';
  first_ = false;
}

JsonWriter& JsonWriter::Raw(std::string_view text) {
  Separate();
  out_ += text;
  return *this;
}

}  // namespace backlogd::status
