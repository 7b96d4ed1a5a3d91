#pragma once

#include <atomic>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "analysis/lag_analyzer.h"
#include "app/client_factory.h"
#include "app/detail_levels.h"
#include "app/page_publisher.h"
#include "app/poll_log.h"
#include "app/retired.h"
#include "app/samples_pool.h"
#include "base/log.h"
#include "config/config.h"
#include "exposition/render.h"
#include "exposition/self_metrics.h"
#include "snapshot/collector.h"
#include "status/board.h"

namespace backlogd::app {

// What the monitors of all clusters share; outlives them. All of it is thread-safe.
struct MonitorContext {
  const snapshot::SteadyClock& clock;
  exposition::SelfMetrics& metrics;
  PagePublisher& publisher;
  status::Board& board;
  Retired& retired;
  Log& log;
};

// What the configuration says of the watching of one cluster.
struct MonitorSettings {
  config::Cluster cluster;
  config::Poll poll;
  config::Analysis analysis;
  config::DeadLetters dead_letters;
  config::Metrics metrics;
  exposition::Compatibility compatibility;
  friend bool operator==(const MonitorSettings&, const MonitorSettings&) = default;
};

// By what one cluster is asked.
struct Connection {
  std::unique_ptr<kafka::KafkaClient> client;
  std::unique_ptr<kafka::RecordReader> reader;  // null unless dead letters are to be read
};

// Watches one cluster: asks, works out, renders, publishes; by itself on a thread of its own.
class ClusterMonitor {
 public:
  // `number`: the cluster's on the page and on the board. REQUIRES: connection.client
  ClusterMonitor(MonitorSettings settings, Connection connection, std::size_t number,
                 const MonitorContext& context);

  // One poll, to its end or to `deadline`. True if at least the cluster's metadata was read.
  // An interrupted one publishes nothing. REQUIRES: not started
  bool PollOnce(WallTime now, Deadline deadline);

  // Polls at once and then every poll.interval, until stopped. At most once.
  void Start();
  // How long the poll that goes on has taken so far; 0 between polls. Thread-safe.
  Deadline::duration PollingFor(Deadline now) const;
  // Other settings of the same cluster from the next poll on, which comes at once; history and
  // counters stay. With a connection that one is asked from now on, and a poll that is under way
  // ends soon and publishes nothing. Thread-safe; waits at most for a page to be made.
  void Apply(MonitorSettings settings, std::optional<Connection> connection);
  // Asks the thread to end soon; nothing is published any more. Thread-safe; waits at most for a
  // page to be made.
  void RequestStop();
  // False if the thread has not ended by then. REQUIRES: Start(), RequestStop()
  bool WaitUntil(Deadline deadline);
  // Waits for the thread, if it was started, as long as it takes: see RequestStop().
  ~ClusterMonitor();

 private:
  struct Change {
    MonitorSettings settings;
    std::optional<Connection> connection;
  };

  void TakeChange();
  void Retire(Connection connection);
  void Use(MonitorSettings settings);
  analysis::LagReport Update(WallTime now, Deadline deadline);
  snapshot::ClusterSnapshot Collect(WallTime now, Deadline deadline);
  void LookUpTimes(Deadline deadline);
  void ReadDeadLetters(Deadline deadline);
  bool Publish(const std::shared_ptr<const analysis::LagReport>& report, Deadline begin);
  bool Abandoned() const;
  void InterruptQuestions();
  void Run(const std::stop_token& stop);
  void WaitForTick(const std::stop_token& stop, Deadline tick);
  void PollNow() noexcept;

  const std::string name_;
  const std::size_t number_;
  const MonitorContext& context_;
  std::atomic<Deadline> poll_began_{Deadline()};  // Deadline(): none goes on

  // Who polls uses these, and alone changes them, `connection_` under the mutex.
  MonitorSettings settings_;
  ConfiguredDetail detail_;
  Connection connection_;
  snapshot::Collector collector_;
  analysis::LagAnalyzer analyzer_;
  std::string cluster_id_;
  SamplesPool buffers_;
  PollLog poll_log_;

  // Of the next two members, and of whether connection_ may be replaced; held while publishing.
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool stopping_ = false;
  std::optional<Change> change_;  // to be taken by the next poll

  std::promise<void> ended_;
  std::future<void> has_ended_;
  std::jthread thread_;  // last: uses all of the above
};

// The first instant after `now` of the cadence that `last` belongs to: what was missed is skipped.
Deadline NextTick(Deadline last, std::chrono::milliseconds interval, Deadline now);

}  // namespace backlogd::app
