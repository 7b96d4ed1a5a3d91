#include "sim/svg_chart.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cli/printable.h"
#include "sim/capacity_report.h"

namespace backlogd::sim {
namespace {

// Small enough a picture that its letters can be read on a phone.
constexpr double kWidth = 420;
constexpr double kHeight = 280;
constexpr double kLeft = 62;
constexpr double kRight = 12;
constexpr double kTop = 14;
constexpr double kBottom = 46;

std::string Fixed(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.1f", value);
  return buffer;
}

// "1.5M": short enough for an axis.
std::string AxisNumber(double value) {
  if (std::abs(value) >= 1e6) return Readable(value / 1e6) + "M";
  if (std::abs(value) >= 1e4) return Readable(value / 1e3) + "k";
  return Readable(value);
}

std::string ClassOf(std::size_t index) { return "s" + std::to_string(index % 6); }

struct Axis {
  std::vector<double> ticks;
  double from = 0;  // in the picture, of the first tick
  double to = 0;    // of the last

  double At(double value) const {
    const double share = (value - ticks.front()) / (ticks.back() - ticks.front());
    return from + share * (to - from);
  }
};

std::vector<double> WholeTicks(double high) {
  const double step = std::max(1.0, std::ceil(high / 8));
  std::vector<double> ticks{0};
  while (ticks.back() < high) ticks.push_back(ticks.back() + step);
  return ticks;
}

struct Axes {
  Axis x;
  Axis y;
};

Axes AxesOf(const Chart& chart) {
  double high_x = 0;
  double high_y = chart.reference.value_or(0);
  double low_y = 0;
  for (const Series& series : chart.series) {
    for (const Sample& point : series.points) {
      high_x = std::max(high_x, point.seconds);
      high_y = std::max(high_y, point.value);
      low_y = std::min(low_y, point.value);
    }
  }
  return {{chart.whole_x ? WholeTicks(std::max(high_x, 1.0)) : TicksOf(0, high_x), kLeft,
           kWidth - kRight},
          {TicksOf(low_y, high_y), kHeight - kBottom, kTop}};
}

std::string Text(double x, double y, const std::string& attributes, const std::string& text) {
  return "<text x=\"" + Fixed(x) + "\" y=\"" + Fixed(y) + "\" " + attributes + ">" +
         EscapeHtml(text) + "</text>\n";
}

std::string Line(double x1, double y1, double x2, double y2, const std::string& style) {
  return "<line x1=\"" + Fixed(x1) + "\" y1=\"" + Fixed(y1) + "\" x2=\"" + Fixed(x2) + "\" y2=\"" +
         Fixed(y2) + "\" class=\"" + style + "\"></line>\n";
}

std::string Grid(const Chart& chart, const Axes& axes) {
  std::string svg;
  for (const double tick : axes.y.ticks) {
    const double y = axes.y.At(tick);
    svg += Line(kLeft, y, kWidth - kRight, y, tick == 0 ? "axis" : "grid");
    svg += Text(kLeft - 6, y + 4, "text-anchor=\"end\"", AxisNumber(tick));
  }
  for (const double tick : axes.x.ticks) {
    const double x = axes.x.At(tick);
    svg += Line(x, axes.y.from, x, axes.y.from + 4, "axis");
    svg += Text(x, axes.y.from + 17, "text-anchor=\"middle\"", AxisNumber(tick));
  }
  const double middle = (kTop + kHeight - kBottom) / 2;
  svg += Text((kLeft + kWidth - kRight) / 2, kHeight - 8, "text-anchor=\"middle\" class=\"title\"",
              chart.x_title);
  return svg + Text(0, 0,
                    "text-anchor=\"middle\" class=\"title\" transform=\"translate(14 " +
                        Fixed(middle) + ") rotate(-90)\"",
                    chart.y_title);
}

std::string Circle(const std::string& x, const std::string& y, const std::string& style,
                   const std::string& title) {
  return "<circle cx=\"" + x + "\" cy=\"" + y + "\" r=\"4\" class=\"" + style + "\"><title>" +
         EscapeHtml(title) + "</title></circle>\n";
}

std::string Drawn(const Series& series, std::size_t index, const Axes& axes) {
  std::string line;
  std::string dots;
  for (const Sample& point : series.points) {
    const std::string x = Fixed(axes.x.At(point.seconds));
    const std::string y = Fixed(axes.y.At(point.value));
    line.append(line.empty() ? "" : " ").append(x).append(",").append(y);
    if (!series.dots) continue;
    const std::string value = Readable(point.value);
    dots += Circle(x, y, ClassOf(index), std::string(series.name).append(": ").append(value));
  }
  return "<polyline points=\"" + line + "\" class=\"" + ClassOf(index) + "\"></polyline>\n" + dots;
}

std::string Legend(const Chart& chart) {
  std::string html = "<p class=\"legend\">";
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    html += "<span><i class=\"" + ClassOf(i) + "\"></i>" + EscapeHtml(chart.series[i].name) +
            "</span> ";
  }
  if (chart.reference) {
    html += "<span><i class=\"reference\"></i>" + EscapeHtml(chart.reference_name) + "</span>";
  }
  return html + "</p>\n";
}

}  // namespace

std::string EscapeHtml(std::string_view text) {
  std::string html;
  for (const char c : cli::Escape(text, "\n")) {
    switch (c) {
      case '&': html += "&amp;"; break;
      case '<': html += "&lt;"; break;
      case '>': html += "&gt;"; break;
      case '"': html += "&quot;"; break;
      case '\'': html += "&#39;"; break;
      default: html += c;
    }
  }
  return html;
}

std::vector<double> TicksOf(double low, double high) {
  const double range = std::max(high - low, 1e-6);
  const double rough = range / 5;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double nice : {5.0, 2.0, 1.0}) {
    if (nice * power >= rough * 0.999) step = nice * power;
  }
  const double first = std::floor(low / step + 1e-9);
  const double last = std::max(std::ceil(high / step - 1e-9), first + 1);
  std::vector<double> ticks;
  for (double i = first; i <= last; ++i) ticks.push_back(i * step);
  return ticks;
}

std::string ToFigure(const Chart& chart) {
  const bool empty =
      std::ranges::all_of(chart.series, [](const Series& series) { return series.points.empty(); });
  if (empty) return "";
  const Axes axes = AxesOf(chart);
  std::string html = "<figure>\n<figcaption>" + EscapeHtml(chart.title) +
                     "</figcaption>\n<svg viewBox=\"0 0 " + Fixed(kWidth) + " " + Fixed(kHeight) +
                     "\" role=\"img\" aria-label=\"" + EscapeHtml(chart.title) + "\">\n" +
                     Grid(chart, axes);
  if (chart.reference) {
    const double y = axes.y.At(*chart.reference);
    html += Line(kLeft, y, kWidth - kRight, y, "reference");
  }
  for (std::size_t i = 0; i < chart.series.size(); ++i) html += Drawn(chart.series[i], i, axes);
  return html + "</svg>\n" + Legend(chart) + "</figure>\n";
}

}  // namespace backlogd::sim
