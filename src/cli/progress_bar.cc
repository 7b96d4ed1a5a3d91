#include "cli/progress_bar.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ostream>

#include "cli/printable.h"

namespace backlogd::cli {

std::string BarLine(std::uint64_t done, std::uint64_t total, double seconds, unsigned columns) {
  const double part =
      total == 0 ? 1 : std::min(static_cast<double>(done) / static_cast<double>(total), 1.0);
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  std::string text = "  " + std::to_string(std::lround(std::floor(part * 100))) + " %  " +
                     std::to_string(done) + "/" + std::to_string(total) + "  " +
                     std::to_string(std::llround(rate)) + "/s";
  if (rate > 0 && done < total) {
    const double left = static_cast<double>(total - done) / rate * 1000;
    text +=
        "  " + FormatAge(std::chrono::milliseconds(std::llround(std::min(left, 1e12)))) + " left";
  }
  const std::size_t room = columns > text.size() + 3 ? columns - text.size() - 3 : 0;
  const std::size_t width = std::min<std::size_t>(room, 40);
  if (width < 5) return text.substr(2, columns > 1 ? columns - 1 : 0);
  std::string bar(static_cast<std::size_t>(part * static_cast<double>(width)), '=');
  if (bar.size() < width) bar += '>';
  bar.resize(width, ' ');
  return "[" + bar + "]" + text;
}

void ProgressBar::Begin(std::uint64_t total, Deadline now) {
  total_ = total;
  begun_ = now;
  written_ = now;
}

void ProgressBar::Advance(std::uint64_t done, Deadline now) {
  if (!shown_ || now - written_ < std::chrono::milliseconds(100)) return;
  written_ = now;
  on_screen_ = true;
  const double seconds = std::chrono::duration<double>(now - begun_).count();
  out_ << '\r' << BarLine(done, total_, seconds, columns_) << "\x1b[K" << std::flush;
}

void ProgressBar::End() {
  if (on_screen_) out_ << "\r\x1b[K" << std::flush;
  on_screen_ = false;
}

}  // namespace backlogd::cli
