#include "status/sparkline.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "status/format.h"

namespace backlogd::status {
namespace {

constexpr double kHourMs = 3'600'000;
constexpr double kMargin = 2;  // so that the line's width is within the picture

struct Dot {
  double x;
  double y;
};

// In tenths: enough for a picture of this size, and no longer than needed.
std::string Coordinate(double value) {
  const long tenths = std::lround(value * 10);
  std::string text = std::to_string(tenths / 10);
  if (tenths % 10 != 0) text += "." + std::to_string(tenths % 10);
  return text;
}

std::string Path(const std::vector<Dot>& dots) {
  std::string path;
  for (const Dot& dot : dots) {
    path += (path.empty() ? "M" : "L") + Coordinate(dot.x) + " " + Coordinate(dot.y);
  }
  return path;
}

class Picture {
 public:
  Picture(const Sparkline& line, std::int64_t most) : line_(line), most_(most) {}

  void Add(Html& html) {
    for (const TrendPoint& point : line_.points) {
      if (point.*line_.value < 0) {
        End(html);
      } else {
        run_.push_back(DotOf(point));
      }
    }
    End(html);
  }

 private:
  Dot DotOf(const TrendPoint& point) const {
    const auto age = static_cast<double>((line_.points.back().at - point.at).count());
    const double share =
        most_ == 0 ? 0 : static_cast<double>(point.*line_.value) / static_cast<double>(most_);
    return {kMargin + (line_.width - 2 * kMargin) * std::max(0.0, 1 - age / kHourMs),
            line_.height - kMargin - (line_.height - 2 * kMargin) * share};
  }

  // A run of known values ends: an area, and the line on it. A single value is a dot.
  void End(Html& html) {
    if (run_.empty()) return;
    if (run_.size() == 1) run_.insert(run_.begin(), {std::max(0.0, run_[0].x - 2), run_[0].y});
    const std::string floor = Coordinate(line_.height - kMargin);
    const std::string path = Path(run_);
    html.Raw("<path class=\"area\" d=\"" + path + "L" + Coordinate(run_.back().x) + " " + floor +
             "L" + Coordinate(run_.front().x) + " " + floor + "Z\"/>");
    html.Raw("<path class=\"line\" d=\"" + path + "\"/>");
    run_.clear();
  }

  const Sparkline& line_;
  std::int64_t most_;
  std::vector<Dot> run_;
};

}  // namespace

void AddSparkline(const Sparkline& line, Html& html) {
  std::int64_t most = analysis::kUnknown;
  for (const TrendPoint& point : line.points) most = std::max(most, point.*line.value);
  if (most < 0) {
    html.Raw(kUnknownSign);
    return;
  }
  const std::string width = std::to_string(line.width);
  const std::string height = std::to_string(line.height);
  html.Open("svg", {{"class", "spark"},
                    {"role", "img"},
                    {"aria-label", line.label},
                    {"width", width},
                    {"height", height},
                    {"viewBox", "0 0 " + width + " " + height},
                    {"preserveAspectRatio", "none"}});
  html.Open("title").Text(line.label).Close("title");
  Picture(line, most).Add(html);
  html.Raw("</svg>");
}

}  // namespace backlogd::status
