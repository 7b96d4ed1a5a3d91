#include "status/board.h"

#include <utility>

namespace backlogd::status {

Board::Board(const std::vector<std::string>& clusters) {
  for (const std::string& name : clusters) {
    clusters_.push_back({name, nullptr, {}, &trends_.emplace_back()});
  }
}

void Board::Publish(std::size_t cluster, std::shared_ptr<const analysis::LagReport> report,
                    std::chrono::duration<double> poll_duration) {
  trends_[cluster].Note(*report);
  MutexLock lock(mutex_);
  clusters_[cluster].report.swap(report);  // the old one dies after the lock is released
  clusters_[cluster].poll_duration = poll_duration;
}

std::vector<ClusterView> Board::clusters() const {
  MutexLock lock(mutex_);
  return clusters_;
}

}  // namespace backlogd::status
