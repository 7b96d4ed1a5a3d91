#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exposition/page.h"

namespace backlogd::exposition {

struct ParsedSample {
  std::string name;
  std::vector<std::pair<std::string, std::string>> labels;  // as written, unescaped
  double value = 0;
};

struct ParsedFamily {
  std::string name;
  std::string type;
  std::string help;
  std::string unit;
  std::vector<ParsedSample> samples;
};

// Reads a page as strictly as its format allows: order of lines, names that fit the type, escapes,
// UTF-8, no family and no series twice. Throws std::runtime_error that quotes the line.
std::vector<ParsedFamily> ParsePage(std::string_view page, Format format);

// Name and labels (by name), so that equal series have equal keys.
std::string SeriesKey(const ParsedSample& sample);
std::map<std::string, double> SeriesOf(const std::vector<ParsedFamily>& families);

std::string Join(const std::vector<std::string_view>& pieces);

}  // namespace backlogd::exposition
