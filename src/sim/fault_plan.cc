#include "sim/fault_plan.h"

#include <algorithm>

namespace backlogd::sim {

bool IsStruck(const config::SimFault& fault, std::int64_t member,
              std::chrono::nanoseconds since_begin) {
  if (fault.kind == config::Fault::kNone || since_begin < fault.after) return false;
  if (fault.members > 0 && member >= fault.members) return false;
  return fault.length.count() == 0 || since_begin < fault.after + fault.length;
}

std::chrono::nanoseconds EndOf(const config::SimFault& fault,
                               std::chrono::milliseconds max_poll_interval) {
  if (fault.length.count() == 0) return std::chrono::nanoseconds::max();
  auto length = fault.length;
  if (fault.kind == config::Fault::kHang) {
    length = std::max(length, max_poll_interval + std::chrono::seconds(2));
  }
  return fault.after + length;
}

}  // namespace backlogd::sim
