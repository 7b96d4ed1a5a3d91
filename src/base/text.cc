#include "base/text.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>

namespace backlogd {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

constexpr bool IsContinuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// What may follow a lead byte: the number of continuation bytes and the range of the first of them.
// The range is what excludes overlong forms, surrogates, and code points above U+10FFFF.
struct Lead {
  std::size_t following = 0;  // 0: not a lead byte
  unsigned char lowest = 0x80;
  unsigned char highest = 0xBF;
};

constexpr Lead LeadOf(unsigned char byte) {
  if (byte < 0xC2 || byte > 0xF4) return {};
  if (byte < 0xE0) return {1};
  if (byte == 0xE0) return {2, 0xA0, 0xBF};
  if (byte == 0xED) return {2, 0x80, 0x9F};
  if (byte < 0xF0) return {2};
  if (byte == 0xF0) return {3, 0x90, 0xBF};
  if (byte == 0xF4) return {3, 0x80, 0x8F};
  return {3};
}

// Length of the well-formed sequence at the start of `text`, or 0. REQUIRES: text is not empty
std::size_t SequenceLength(std::string_view text) {
  const auto byte_at = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte_at(0) < 0x80) return 1;
  const Lead lead = LeadOf(byte_at(0));
  if (lead.following == 0 || text.size() <= lead.following) return 0;
  if (byte_at(1) < lead.lowest || byte_at(1) > lead.highest) return 0;
  for (std::size_t i = 2; i <= lead.following; ++i) {
    if (!IsContinuation(byte_at(i))) return 0;
  }
  return lead.following + 1;
}

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr Unit kUnits[] = {
    {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};

struct SizeUnit {
  std::string_view name;
  std::int64_t bytes;
};
constexpr SizeUnit kSizeUnits[] = {{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}};

// Moves the integer at the start of `text` out of it.
std::optional<std::int64_t> TakeInteger(std::string_view& text) {
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// Moves the unit at the start of `text` out of it; one of [first, end of kUnits), or null.
const Unit* TakeUnit(std::string_view& text, const Unit* first) {
  const std::string_view name = text.substr(0, text.find_first_of("0123456789"));
  const Unit* unit = std::find_if(first, std::end(kUnits),
                                  [name](const Unit& candidate) { return candidate.name == name; });
  if (unit == std::end(kUnits)) return nullptr;
  text.remove_prefix(name.size());
  return unit;
}

}  // namespace

std::size_t FindInvalidUtf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = SequenceLength(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

bool IsValidUtf8(std::string_view text) { return FindInvalidUtf8(text) == std::string_view::npos; }

std::string ToValidUtf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const std::size_t invalid = std::min(FindInvalidUtf8(text), text.size());
    valid += text.substr(0, invalid);
    text.remove_prefix(invalid);
    if (text.empty()) break;
    valid += kReplacement;
    text.remove_prefix(1);
  }
  return valid;
}

std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const Unit* next = std::begin(kUnits);
  std::int64_t total = 0;
  while (!text.empty()) {
    const std::optional<std::int64_t> number = TakeInteger(text);
    const Unit* unit = number ? TakeUnit(text, next) : nullptr;
    if (unit == nullptr) return std::nullopt;
    std::int64_t part = 0;
    if (__builtin_mul_overflow(*number, unit->milliseconds, &part) ||
        __builtin_add_overflow(total, part, &total)) {
      return std::nullopt;
    }
    next = unit + 1;
  }
  return std::chrono::milliseconds(total);
}

std::string FormatDuration(std::chrono::milliseconds duration) {
  std::int64_t rest = duration.count();
  if (rest == 0) return "0s";
  std::string text;
  for (const Unit& unit : kUnits) {
    if (rest < unit.milliseconds) continue;
    text += std::to_string(rest / unit.milliseconds);
    text += unit.name;
    rest %= unit.milliseconds;
  }
  return text;
}

std::string WithoutNumbers(std::string_view text) {
  std::string without;
  bool in_number = false;
  for (const char c : text) {
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit) without += c;
    if (is_digit && !in_number) without += '#';
    in_number = is_digit;
  }
  return without;
}

std::optional<std::int64_t> ParseByteSize(std::string_view text) {
  std::optional<std::int64_t> size = TakeInteger(text);
  if (!size || text.empty()) return size;
  for (const SizeUnit& unit : kSizeUnits) {
    if (text != unit.name) continue;
    std::int64_t bytes = 0;
    if (__builtin_mul_overflow(*size, unit.bytes, &bytes)) return std::nullopt;
    return bytes;
  }
  return std::nullopt;
}

std::string FormatByteSize(std::int64_t bytes) {
  for (const SizeUnit& unit : kSizeUnits) {
    if (bytes == 0 || bytes % unit.bytes != 0) continue;
    return std::to_string(bytes / unit.bytes) + std::string(unit.name);
  }
  return std::to_string(bytes);
}

}  // namespace backlogd
