// What the status page keeps: resident memory before and after an hour of polls of 5,000 groups.

#include <malloc.h>
#include <unistd.h>

#include <fstream>
#include <iostream>

#include "status/sample_view.h"

namespace backlogd::status {
namespace {

constexpr std::size_t kGroups = 5'000;

double ResidentMib() {
  malloc_trim(0);  // what was freed is not kept
  std::ifstream file("/proc/self/statm");
  double size = 0;
  double resident = 0;
  file >> size >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

void Say(const char* what, double before) {
  std::cout << what << ": +" << ResidentMib() - before << " MiB\n";
}

// The report does not outlive the call.
void Note(int minute, Trends& trends) {
  auto report = SampleReport(kGroups);
  report->taken_at = kNow + std::chrono::minutes(minute);
  trends.Note(*report);
}

void Measure() {
  const double start = ResidentMib();
  Board board({"east"});
  {
    Trends trends;
    for (int minute = 1; minute <= 120; ++minute) {
      Note(minute, trends);
      if (minute == 1) Say("trends, 1 minute", start);
      if (minute == 60) Say("trends, 60 minutes", start);
    }
    Say("trends, 120 minutes", start);
  }
  const double between = ResidentMib();
  board.Publish(0, SampleReport(kGroups), std::chrono::milliseconds(1));
  Say("board: its trends and one report", between);
}

}  // namespace
}  // namespace backlogd::status

int main() { backlogd::status::Measure(); }
