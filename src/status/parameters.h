#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace backlogd::status {

// What follows the "?" of a URL: names and values, decoded; any bytes.
using Parameters = std::vector<std::pair<std::string_view, std::string_view>>;

// The first value of that name; absent if there is none, or it is empty.
std::optional<std::string_view> Find(const Parameters& parameters, std::string_view name);

// Whether there is one of that name, be it empty.
bool IsGiven(const Parameters& parameters, std::string_view name);

// Which parameters a list takes, and how many rows at once.
struct ListRules {
  std::vector<std::string_view> sorts;    // values of "sort", the default first; none: no order
  std::vector<std::string_view> filters;  // of "cluster", "status", "search", ...
  std::size_t default_limit = 50;
  std::size_t max_limit = 1000;  // 0: neither "limit" nor "offset" is taken
};

// A question for a part of a list. Text in it is valid as long as the parameters are.
struct ListQuery {
  std::string_view cluster;  // exact name; empty: all
  std::string_view status;   // "ok", ..., "unknown"; empty: all
  std::string_view search;   // part of a name, whatever its case; empty: all
  std::string_view sort;     // one of the rules' sorts
  bool ascending = false;    // unless asked for: names and headrooms are, all else is not
  std::size_t limit = 50;
  std::size_t offset = 0;
};

// The question, or what is wrong with it, for whoever asked. Parameters that are not known are an
// error, but "lang".
Result<ListQuery> ParseListQuery(const Parameters& parameters, const ListRules& rules);

// The same of what takes no parameter but "lang": what is wrong, or nothing.
std::optional<Error> RefuseParameters(const Parameters& parameters);

// The same for a person's browser: what makes no sense is left out.
ListQuery ReadListQuery(const Parameters& parameters, const ListRules& rules);

}  // namespace backlogd::status
