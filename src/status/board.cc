#include "status/board.h"

#include <algorithm>

namespace backlogd::status {

Board::Board(const std::vector<std::string>& clusters) {
  MutexLock lock(mutex_);
  for (const std::string& name : clusters) places_.push_back(MakePlace(places_.size(), name));
}

Board::Place Board::MakePlace(std::size_t cluster, const std::string& name) {
  auto trends = std::make_shared<Trends>();
  return {cluster, trends, {name, nullptr, {}, trends}};
}

Board::Place& Board::Find(std::size_t cluster) {
  return *std::ranges::find(places_, cluster, &Place::cluster);
}

void Board::Publish(std::size_t cluster, std::shared_ptr<const analysis::LagReport> report,
                    std::chrono::duration<double> poll_duration) {
  std::shared_ptr<Trends> trends;
  {
    MutexLock lock(mutex_);
    trends = Find(cluster).trends;
  }
  trends->Note(*report);
  MutexLock lock(mutex_);
  ClusterView& view = Find(cluster).view;
  view.report.swap(report);  // the old one dies after the lock is released
  view.poll_duration = poll_duration;
}

void Board::Arrange(std::span<const std::pair<std::size_t, std::string>> clusters) {
  MutexLock lock(mutex_);
  std::vector<Place> places;
  for (const auto& [cluster, name] : clusters) {
    const auto known = std::ranges::find(places_, cluster, &Place::cluster);
    places.push_back(known == places_.end() ? MakePlace(cluster, name) : std::move(*known));
  }
  places_ = std::move(places);
}

std::vector<ClusterView> Board::clusters() const {
  MutexLock lock(mutex_);
  std::vector<ClusterView> views;
  for (const Place& place : places_) views.push_back(place.view);
  return views;
}

}  // namespace backlogd::status
