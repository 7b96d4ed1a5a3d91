#include "app/clock.h"

namespace backlogd::app {

WallTime WallNow() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

Deadline SteadyNow() { return std::chrono::steady_clock::now(); }

}  // namespace backlogd::app
