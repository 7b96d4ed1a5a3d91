#include "kafka/read_shares.h"

#include <algorithm>

namespace backlogd::kafka {
namespace {

// Rounded up: there is no round for the crumbs.
std::size_t Part(std::size_t whole, std::size_t parts) { return (whole + parts - 1) / parts; }

}  // namespace

void ReadShares::BeginRound(std::size_t open) {
  share_ = {Part(left_.records, open), Part(left_.bytes, open)};
  std::fill(used_.begin(), used_.end(), ReadLimits{});
}

void ReadShares::Spend(std::size_t range, std::size_t bytes) {
  left_.records -= std::min<std::size_t>(left_.records, 1);
  left_.bytes -= std::min(left_.bytes, bytes);
  used_[range].records += 1;
  used_[range].bytes += bytes;
}

bool ReadShares::HadShare(std::size_t range) const {
  return used_[range].records >= share_.records || used_[range].bytes >= share_.bytes;
}

}  // namespace backlogd::kafka
