#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/estimate.h"

namespace backlogd::sim {

// A line with points, in the colour of its place among the others.
struct Series {
  std::string name;
  std::vector<Sample> points;  // x: seconds, or whatever x_title says; y: value
  bool dots = false;
};

struct Chart {
  std::string title;
  std::string x_title;  // with its unit, as y_title
  std::string y_title;
  std::vector<Series> series;
  bool whole_x = false;                  // ticks are whole numbers
  std::optional<double> reference = {};  // a level to compare with
  std::string reference_name = "";
};

// An HTML figure with an inline SVG that fills the width it gets; colours are those of the page's
// style (classes s0 to s5). "" without points. Pure; escapes what it is given.
std::string ToFigure(const Chart& chart);

// Text between tags or in an attribute.
std::string EscapeHtml(std::string_view text);

// Of a range that begins at 0 or below: 4 to 8 round numbers that hold low and high between them.
std::vector<double> TicksOf(double low, double high);

}  // namespace backlogd::sim
