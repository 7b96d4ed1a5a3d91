#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/cluster_monitor.h"
#include "app/page_publisher.h"
#include "app/retired.h"
#include "base/mutex.h"
#include "config/config.h"
#include "status/board.h"

namespace backlogd::app {

// By which clusters' clients and readers of records are made, out of one configuration.
struct Factories {
  ClientFactory make_client;
  ReaderFactory make_reader;  // asked only if dead letters are to be read
};

// What a reload changed: names of clusters.
struct ClusterChanges {
  std::vector<std::string> added;
  std::vector<std::string> changed;
  std::vector<std::string> removed;
};

// The whole way from Kafka to a page, for all clusters: everything but the serving.
class Exporter {
 public:
  // Throws config::ConfigError if a cluster can have no client. Waits for no broker.
  // `metrics` and `log` must outlive the exporter.
  Exporter(const config::Config& config, const Factories& factories,
           exposition::SelfMetrics& metrics, Log& log);

  PagePublisher& publisher() { return publisher_; }
  const status::Board& board() const { return board_; }

  // One poll of every cluster, at the same time. False if some cluster's metadata was not read.
  // REQUIRES: not started
  bool PollOnce();

  // Starts to poll, each cluster on a thread of its own. Thread-safe, like the next three.
  void Start();
  // False if some poll has gone on for so long that its thread must be taken for lost: ten times
  // poll.timeout and more than a minute. A Kafka that does not answer is no reason. Thread-safe.
  bool Alive(Deadline now) const;
  // From now on watches what `config` says; its sections web and log are not looked at. Clusters
  // are known by their names: one that stays as it is goes on undisturbed, one that is changed
  // keeps its history and counters, and a connection that is not changed. Throws
  // config::ConfigError if a cluster can have no client, and std::runtime_error after Stop(): then
  // nothing has changed. Waits for no broker.
  ClusterChanges Reload(const config::Config& config, const Factories& factories);
  // Ends the polling: false if it still goes on at `deadline`, and the destructor would have to
  // wait for it. REQUIRES: Start()
  bool Stop(Deadline deadline);

 private:
  struct Watched {
    std::size_t number = 0;  // on page and board; never used again
    MonitorSettings settings;
    std::shared_ptr<ClusterMonitor> monitor;
  };
  // What is to become of one cluster of a new configuration.
  struct Plan {
    MonitorSettings settings;
    Watched* known = nullptr;  // null: it is new
    std::optional<Connection> connection;
  };

  std::vector<Plan> MakePlans(const config::Config& config, const Factories& factories)
      REQUIRES_LOCK(mutex_);
  std::vector<std::string> RemoveAllBut(const std::vector<Plan>& plans) REQUIRES_LOCK(mutex_);
  Watched Carry(Plan plan, ClusterChanges& changes) REQUIRES_LOCK(mutex_);
  void Arrange(const std::vector<Plan>& plans) REQUIRES_LOCK(mutex_);

  const snapshot::SteadyClock clock_;
  exposition::SelfMetrics& metrics_;
  PagePublisher publisher_;
  status::Board board_;
  const MonitorContext context_;
  Retired retired_;
  mutable Mutex mutex_;
  bool started_ GUARDED_BY(mutex_) = false;
  bool stopped_ GUARDED_BY(mutex_) = false;
  std::size_t next_number_ GUARDED_BY(mutex_) = 0;
  std::vector<Watched> watched_ GUARDED_BY(mutex_);  // last: they use all of the above
};

}  // namespace backlogd::app
