#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "status/html.h"
#include "status/trends.h"

namespace backlogd::status {

struct Sparkline {
  std::span<const TrendPoint> points;  // oldest to newest
  TrendValue value = &TrendPoint::lag_ms;
  std::string label;  // what a reader of the page hears
  int width = 120;
  int height = 28;
};

// A small inline SVG: the hour that ends with the newest point, from 0 up. A gap where the value
// was not known; "–" where it never was.
void AddSparkline(const Sparkline& line, Html& html);

}  // namespace backlogd::status
