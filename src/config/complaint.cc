#include "config/complaint.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/text.h"

namespace backlogd::config {
namespace {

constexpr std::size_t kMaxQuotedLength = 80;

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

// How many characters must be inserted, removed or replaced to turn one into the other.
std::size_t EditDistance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string Join(std::string_view parent, std::string_view key) {
  if (parent.empty()) return std::string(key);
  return std::string(parent) + "." + std::string(key);
}

std::string Join(std::string_view parent, std::size_t index) {
  return std::string(parent) + "[" + std::to_string(index) + "]";
}

std::string ToWord(std::string_view key) {
  const bool is_word = !key.empty() && key.size() <= kMaxQuotedLength &&
                       std::all_of(key.begin(), key.end(), IsWordCharacter);
  return is_word ? std::string(key) : "?";
}

std::string ToLine(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string line;
  for (const char c : ToValidUtf8(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      line += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      line += c;
    }
  }
  return line;
}

std::string Quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text.substr(0, kMaxQuotedLength)) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return ToLine(quoted) + (text.size() > kMaxQuotedLength ? "...\"" : "\"");
}

std::string_view Nearest(std::string_view text, std::span<const std::string_view> words) {
  std::string_view nearest;
  std::size_t limit = std::max<std::size_t>(1, text.size() / 3) + 1;
  if (text.size() > kMaxQuotedLength) return nearest;
  for (const std::string_view word : words) {
    const std::size_t distance = EditDistance(text, word);
    if (distance >= limit) continue;
    limit = distance;
    nearest = word;
  }
  return nearest;
}

}  // namespace backlogd::config
