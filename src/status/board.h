#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
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
  const Trends* trends = nullptr;  // never null; lives as long as the board
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
  // The names, in the order of the indexes below.
  explicit Board(const std::vector<std::string>& clusters);

  void Publish(std::size_t cluster, std::shared_ptr<const analysis::LagReport> report,
               std::chrono::duration<double> poll_duration);

  std::vector<ClusterView> clusters() const;

 private:
  std::deque<Trends> trends_;  // by cluster: they neither move nor die before the board
  mutable Mutex mutex_;
  std::vector<ClusterView> clusters_ GUARDED_BY(mutex_);
};

}  // namespace backlogd::status
