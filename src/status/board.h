#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "analysis/lag_report.h"
#include "base/mutex.h"
#include "base/time.h"
#include "status/trends.h"

namespace backlogd::status {

// What is known of one cluster now. Holding it keeps the report alive.
struct ClusterView {
  std::string name;
  std::shared_ptr<const analysis::LagReport> report;  // null before the end of the first poll
  std::chrono::duration<double> poll_duration{0};
  std::shared_ptr<const Trends> trends;  // never null
};

// Of the program itself; what could not be read is absent.
struct DaemonFacts {
  std::string version;
  std::string revision;
  std::string metrics_path;
  std::optional<double> start_time_seconds;  // since the Unix epoch
  std::optional<double> resident_memory_bytes;
  std::optional<double> cpu_seconds;
};

// What a page is made of: all that there is to know at one instant.
struct View {
  WallTime now{};
  std::vector<ClusterView> clusters;
  DaemonFacts daemon;
};

// The newest report of each cluster, which the polling threads write and the pages read. One report
// a cluster is kept, and none is copied. Thread-safe; nobody waits for a poll or for a page.
class Board {
 public:
  // The names of clusters 0, 1 and so on.
  explicit Board(const std::vector<std::string>& clusters);

  // REQUIRES: the cluster is shown
  void Publish(std::size_t cluster, std::shared_ptr<const analysis::LagReport> report,
               std::chrono::duration<double> poll_duration);

  // From now on these clusters are shown, in this order, by number and name: those that stay keep
  // what they show.
  void Arrange(std::span<const std::pair<std::size_t, std::string>> clusters);

  std::vector<ClusterView> clusters() const;

 private:
  struct Place {
    std::size_t cluster = 0;
    std::shared_ptr<Trends> trends;
    ClusterView view;
  };

  static Place MakePlace(std::size_t cluster, const std::string& name);

  Place& Find(std::size_t cluster) REQUIRES_LOCK(mutex_);

  mutable Mutex mutex_;
  std::vector<Place> places_ GUARDED_BY(mutex_);
};

}  // namespace backlogd::status
