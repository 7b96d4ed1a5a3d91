#include "sim/processor_load.h"

#include <array>
#include <fstream>
#include <string>

namespace backlogd::sim {

std::optional<double> ProcessorLoad::Share() const {
  const std::optional<Times> now = Read();
  if (!begun_ || !now || now->all <= begun_->all) return std::nullopt;
  return static_cast<double>(now->busy - begun_->busy) /
         static_cast<double>(now->all - begun_->all);
}

// The first line of /proc/stat: "cpu", then the ticks of user, nice, system, idle, iowait, irq,
// softirq, steal.
std::optional<ProcessorLoad::Times> ProcessorLoad::Read() {
  std::ifstream file("/proc/stat");
  std::string name;
  std::array<std::uint64_t, 8> ticks{};
  file >> name;
  for (std::uint64_t& tick : ticks) file >> tick;
  if (!file || name != "cpu") return std::nullopt;
  Times times;
  for (const std::uint64_t tick : ticks) times.all += tick;
  times.busy = times.all - ticks[3] - ticks[4];
  return times;
}

}  // namespace backlogd::sim
