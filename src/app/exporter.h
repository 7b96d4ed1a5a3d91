#pragma once

#include <memory>
#include <vector>

#include "app/cluster_monitor.h"
#include "app/detail_levels.h"
#include "app/page_publisher.h"
#include "config/config.h"
#include "status/board.h"

namespace backlogd::app {

// The whole way from Kafka to a page, for all clusters: everything but the serving.
class Exporter {
 public:
  // Throws config::ConfigError if a cluster can have no client. Waits for no broker.
  // `metrics` and `log` must outlive the exporter.
  Exporter(const config::Config& config, ClientFactory make_client, ReaderFactory make_reader,
           exposition::SelfMetrics& metrics, Log& log);

  PagePublisher& publisher() { return publisher_; }
  const status::Board& board() const { return board_; }

  // One poll of every cluster, at the same time. False if some cluster's metadata was not read.
  // REQUIRES: not started
  bool PollOnce();

  // Starts to poll, each cluster on a thread of its own.
  void Start();
  // False if some poll has gone on for so long that its thread must be taken for lost: ten times
  // poll.timeout and more than a minute. A Kafka that does not answer is no reason. Thread-safe.
  bool Alive(Deadline now) const;
  // Ends the polling: false if it still goes on at `deadline`, and the destructor would have to
  // wait for it. REQUIRES: Start()
  bool Stop(Deadline deadline);

 private:
  const config::Config config_;
  const ClientFactory make_client_;
  const ReaderFactory make_reader_;
  const ConfiguredDetail detail_;
  const exposition::Compatibility compatibility_;
  const snapshot::SteadyClock clock_;
  PagePublisher publisher_;
  status::Board board_;
  const MonitorContext context_;
  std::vector<std::unique_ptr<ClusterMonitor>> monitors_;  // last: they use all of the above
};

}  // namespace backlogd::app
