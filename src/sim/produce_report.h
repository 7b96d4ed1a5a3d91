#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "sim/tally.h"

// What `produce` says at its end: text, or one object of JSON. Pure.
namespace backlogd::sim {

struct ScheduleReport {
  Totals totals;
  std::uint64_t aborted =
      0;  // records of transactions that were aborted; acknowledged all the same
  double seconds = 0;
  std::string topic;
  std::string fault;  // what ended it before its time; empty: nothing
};

struct PushReport {
  Totals totals;
  std::map<int, std::uint64_t> requests;  // by status
  double seconds = 0;
};

std::string ToText(const ScheduleReport& report);
std::string ToJson(const ScheduleReport& report);
std::string ToText(const PushReport& report);
std::string ToJson(const PushReport& report);

}  // namespace backlogd::sim
