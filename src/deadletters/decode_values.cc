#include "deadletters/decode_values.h"

#include <charconv>
#include <chrono>
#include <cstddef>

namespace backlogd::deadletters {
namespace {

constexpr std::int64_t kLatestMilliseconds = 32'503'680'000'000;  // the year 3000

std::optional<std::int64_t> ParseDecimal(std::string_view text) {
  std::int64_t number = 0;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [stop, error] = std::from_chars(begin, end, number);
  if (error != std::errc() || stop != end || number < 0) return std::nullopt;
  return number;
}

std::optional<std::int64_t> ParseBigEndian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  const std::uint64_t sign = std::uint64_t{1} << (8 * bytes.size() - 1);
  if ((number & sign) != 0) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

// The digits of text[begin, begin + size).
std::optional<unsigned> Digits(std::string_view text, std::size_t begin, std::size_t size) {
  unsigned number = 0;
  for (std::size_t i = begin; i < begin + size; ++i) {
    if (i >= text.size() || text[i] < '0' || text[i] > '9') return std::nullopt;
    number = number * 10 + static_cast<unsigned>(text[i] - '0');
  }
  return number;
}

std::optional<std::chrono::sys_days> ParseDay(std::string_view text) {
  const auto year = Digits(text, 0, 4), month = Digits(text, 5, 2), day = Digits(text, 8, 2);
  if (!year || !month || !day || text[4] != '-' || text[7] != '-') return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month), std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

// Milliseconds of ".57"; takes the fraction off the text.
unsigned TakeFraction(std::string_view& text) {
  if (!text.starts_with('.')) return 0;
  text.remove_prefix(1);
  unsigned milliseconds = 0;
  for (unsigned unit = 100; !text.empty() && text[0] >= '0' && text[0] <= '9'; unit /= 10) {
    milliseconds += unit * static_cast<unsigned>(text[0] - '0');
    text.remove_prefix(1);
  }
  return milliseconds;
}

std::optional<std::chrono::minutes> ParseZone(std::string_view text) {
  if (text.empty() || text == "Z") return std::chrono::minutes(0);
  const auto hours = Digits(text, 1, 2), minutes = Digits(text, 4, 2);
  if (text.size() != 6 || !hours || !minutes || (text[0] != '+' && text[0] != '-')) {
    return std::nullopt;
  }
  const std::chrono::minutes zone(*hours * 60 + *minutes);
  return text[0] == '+' ? zone : -zone;
}

}  // namespace

std::optional<std::int64_t> ParseCount(std::string_view value, Encoding encoding) {
  const std::size_t size = value.size();
  if (encoding == Encoding::kBinary && (size == 4 || size == 8)) return ParseBigEndian(value);
  if (encoding == Encoding::kBinary && size == 1 && value[0] < '0') return ParseBigEndian(value);
  return ParseDecimal(value);
}

std::optional<WallTime> ParseInstant(std::string_view value) {
  using std::chrono::milliseconds;
  if (const auto number = ParseDecimal(value)) {
    if (value.size() == 10) return WallTime(milliseconds(*number * 1000));
    if (*number > kLatestMilliseconds) return std::nullopt;
    return WallTime(milliseconds(*number));
  }
  if (value.size() < 19 || (value[10] != 'T' && value[10] != ' ')) return std::nullopt;
  const auto day = ParseDay(value);
  const auto hour = Digits(value, 11, 2), minute = Digits(value, 14, 2);
  const auto second = Digits(value, 17, 2);
  if (!day || !hour || !minute || !second) return std::nullopt;
  value.remove_prefix(19);
  const milliseconds fraction(TakeFraction(value));
  const auto zone = ParseZone(value);
  if (!zone) return std::nullopt;
  return WallTime(*day + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
                  std::chrono::seconds(*second) + fraction - *zone);
}

}  // namespace backlogd::deadletters
