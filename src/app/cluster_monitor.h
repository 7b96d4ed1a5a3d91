#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <stop_token>
#include <thread>

#include "analysis/lag_analyzer.h"
#include "app/client_factory.h"
#include "app/page_publisher.h"
#include "app/poll_log.h"
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
  const config::Poll& poll;
  const config::Analysis& analysis;
  const config::DeadLetters& dead_letters;
  const ClientFactory& make_client;
  const ReaderFactory& make_reader;  // asked only if dead letters are to be read
  const exposition::DetailLevels& detail;
  const exposition::Compatibility& compatibility;
  const snapshot::SteadyClock& clock;
  exposition::SelfMetrics& metrics;
  PagePublisher& publisher;
  status::Board& board;
  Log& log;
};

// Watches one cluster: asks, works out, renders, publishes; by itself on a thread of its own.
class ClusterMonitor {
 public:
  // `index`: the cluster's place in the publisher and on the board. Throws config::ConfigError if
  // there can be no client. Waits for no broker.
  ClusterMonitor(const config::Cluster& cluster, std::size_t index, const MonitorContext& context);

  // One poll, to its end or to `deadline`. True if at least the cluster's metadata was read.
  // An interrupted one publishes nothing. REQUIRES: not started
  bool PollOnce(WallTime now, Deadline deadline);

  // Polls at once and then every poll.interval, until stopped. At most once.
  void Start();
  // How long the poll that goes on has taken so far; 0 between polls. Thread-safe.
  Deadline::duration PollingFor(Deadline now) const;
  // Asks the thread to end soon. Does not block.
  void RequestStop();
  // False if the thread has not ended by then. REQUIRES: Start(), RequestStop()
  bool WaitUntil(Deadline deadline);
  // Waits for the thread, if it was started, as long as it takes: see RequestStop().
  ~ClusterMonitor();

 private:
  analysis::LagReport Update(WallTime now, Deadline deadline);
  void LookUpTimes(Deadline deadline);
  void ReadDeadLetters(Deadline deadline);
  void Run(const std::stop_token& stop);
  void PollNow() noexcept;

  const config::Cluster cluster_;
  const std::size_t index_;
  const MonitorContext& context_;
  std::unique_ptr<kafka::KafkaClient> client_;
  std::unique_ptr<kafka::RecordReader> reader_;  // null unless dead letters are to be read
  std::atomic<bool> interrupted_{false};
  std::atomic<Deadline> poll_began_{Deadline()};  // Deadline(): none goes on
  snapshot::Collector collector_;
  analysis::LagAnalyzer analyzer_;
  SamplesPool buffers_;
  PollLog poll_log_;
  std::promise<void> ended_;
  std::future<void> has_ended_;
  std::jthread thread_;  // last: uses all of the above
};

// The first instant after `now` of the cadence that `last` belongs to: what was missed is skipped.
Deadline NextTick(Deadline last, std::chrono::milliseconds interval, Deadline now);

}  // namespace backlogd::app
