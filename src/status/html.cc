#include "status/html.h"

#include <array>
#include <cctype>

#include "base/text.h"

namespace backlogd::status {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// The length of the character at the start of `text` that would show something else than it is: a
// control character (C0, DEL, C1), or one that marks or overrides directions,
// breaks a line, or is not seen. 0: it is fine.
std::size_t DeceivingLength(std::string_view text) {
  const auto byte = static_cast<unsigned char>(text[0]);
  if (byte < 0x20 || byte == 0x7F) return 1;
  if (byte == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0) return 2;
  constexpr std::array<std::string_view, 18> kMarks = {
      "\u00AD", "\u061C", "\u2028", "\u2029", "\u2060", "\u200B", "\u200E", "\u200F", "\u202A",
      "\u202B", "\u202C", "\u202D", "\u202E", "\u2066", "\u2067", "\u2068", "\u2069", "\uFEFF"};
  for (const std::string_view mark : kMarks) {
    if (text.starts_with(mark)) return mark.size();
  }
  return 0;
}

void AppendEscaped(char c, std::string& out) {
  switch (c) {
    case '&': out += "&amp;"; break;
    case '<': out += "&lt;"; break;
    case '>': out += "&gt;"; break;
    case '"': out += "&quot;"; break;
    case '\'': out += "&#39;"; break;
    default: out += c;
  }
}

void AppendEncoded(std::string_view text, std::string& out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~')) {
      out += c;
      continue;
    }
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

}  // namespace

std::string EscapeHtml(std::string_view text) {
  const std::string valid = ToValidUtf8(text);
  std::string out;
  out.reserve(valid.size());
  std::string_view rest = valid;
  while (!rest.empty()) {
    const std::size_t deceiving = DeceivingLength(rest);
    if (deceiving > 0) {
      out += kReplacement;
      rest.remove_prefix(deceiving);
      continue;
    }
    AppendEscaped(rest[0], out);
    rest.remove_prefix(1);
  }
  return out;
}

std::string MakeUrl(std::string_view path,
                    const std::vector<std::pair<std::string_view, std::string>>& parameters) {
  std::string url(path);
  char separator = '?';
  for (const auto& [name, value] : parameters) {
    if (value.empty()) continue;
    url += separator;
    url += name;
    url += '=';
    AppendEncoded(value, url);
    separator = '&';
  }
  return url;
}

Html& Html::Raw(std::string_view markup) {
  out_ += markup;
  return *this;
}

Html& Html::Text(std::string_view text) {
  out_ += EscapeHtml(text);
  return *this;
}

Html& Html::Open(std::string_view name,
                 std::initializer_list<std::pair<std::string_view, std::string_view>> attributes) {
  out_ += '<';
  out_ += name;
  for (const auto& [attribute, value] : attributes) {
    if (value.empty()) continue;
    out_ += ' ';
    out_ += attribute;
    out_ += "=\"";
    out_ += EscapeHtml(value);
    out_ += '"';
  }
  out_ += '>';
  return *this;
}

Html& Html::Close(std::string_view name) {
  out_ += "</";
  out_ += name;
  out_ += '>';
  return *this;
}

}  // namespace backlogd::status
