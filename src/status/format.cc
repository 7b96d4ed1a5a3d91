#include "status/format.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string_view>

namespace backlogd::status {
namespace {

struct Unit {
  std::int64_t milliseconds;
  Phrase name;
};
constexpr std::array<Unit, 4> kUnits = {{{86'400'000, {" d", " 天"}},
                                         {3'600'000, {" h", " 小时"}},
                                         {60'000, {" min", " 分"}},
                                         {1'000, {" s", " 秒"}}}};

std::string WithDecimal(double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

std::string TwoDigits(std::int64_t value) {
  std::string text = std::to_string(100 + value);
  return text.substr(1);
}

}  // namespace

std::string FormatCount(std::int64_t count) {
  if (count < 0) return std::string(kUnknownSign);
  std::string text = std::to_string(count);
  for (std::size_t end = text.size(); end > 3; end -= 3) text.insert(end - 3, 1, ',');
  return text;
}

std::string FormatRate(const std::optional<double>& per_second) {
  if (!per_second) return std::string(kUnknownSign);
  if (*per_second < 100 && *per_second != std::floor(*per_second)) return WithDecimal(*per_second);
  return FormatCount(std::llround(*per_second));
}

std::string FormatSpan(std::int64_t milliseconds, Language language) {
  if (milliseconds < 0) return std::string(kUnknownSign);
  if (milliseconds > 0 && milliseconds < 1'000) {
    return std::to_string(milliseconds) + std::string(Phrase{" ms", " 毫秒"}.In(language));
  }
  for (std::size_t i = 0; i + 1 < kUnits.size(); ++i) {
    const Unit& unit = kUnits.at(i);
    const Unit& smaller = kUnits.at(i + 1);
    if (milliseconds < unit.milliseconds) continue;
    std::string text = std::to_string(milliseconds / unit.milliseconds);
    text += unit.name.In(language);
    const std::int64_t rest = milliseconds % unit.milliseconds / smaller.milliseconds;
    if (rest == 0) return text;
    return text + " " + std::to_string(rest) + std::string(smaller.name.In(language));
  }
  return std::to_string(milliseconds / 1'000) + std::string(kUnits.back().name.In(language));
}

std::string FormatInstant(WallTime at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(at - day).count();
  return std::to_string(static_cast<int>(date.year())) + "-" +
         TwoDigits(static_cast<unsigned>(date.month())) + "-" +
         TwoDigits(static_cast<unsigned>(date.day())) + " " + TwoDigits(seconds / 3600) + ":" +
         TwoDigits(seconds / 60 % 60) + ":" + TwoDigits(seconds % 60) + " UTC";
}

std::string FormatAgo(WallTime at, WallTime now, Language language) {
  const std::int64_t age = std::max<std::int64_t>(0, (now - at).count());
  std::string text = FormatSpan(age / 1'000 * 1'000, language);
  if (language == Language::kEnglish) text += ' ';
  text += words::kAgo.In(language);
  return text;
}

std::string FormatBytes(const std::optional<double>& bytes) {
  if (!bytes) return std::string(kUnknownSign);
  return WithDecimal(*bytes / 1024 / 1024) + " MiB";
}

}  // namespace backlogd::status
