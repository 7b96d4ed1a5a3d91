#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "base/time.h"

namespace backlogd::cli {

// One line that is written over and over: "[=====>    ]  52 %  5200/10000  4100/s  1s left".
class ProgressBar {
 public:
  // `shown` false: writes nothing. `columns`: of the terminal.
  ProgressBar(std::ostream& out, bool shown, unsigned columns)
      : out_(out), shown_(shown), columns_(columns) {}

  void Begin(std::uint64_t total, Deadline now);
  void Advance(std::uint64_t done, Deadline now);  // writes at most ten times a second
  void End();                                      // takes the line away

 private:
  std::ostream& out_;
  bool shown_;
  unsigned columns_;
  std::uint64_t total_ = 0;
  Deadline begun_{};
  Deadline written_{};
  bool on_screen_ = false;
};

// The line. Pure. `seconds` since the beginning.
std::string BarLine(std::uint64_t done, std::uint64_t total, double seconds, unsigned columns);

}  // namespace backlogd::cli
