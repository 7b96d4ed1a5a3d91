#include "app/cluster_monitor.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "app/clock.h"
#include "config/name_filter.h"

namespace backlogd::app {
namespace {

snapshot::Selection Select(const config::Cluster& cluster) {
  return {[topics = config::TopicFilter(cluster.topics)](std::string_view topic) {
            return topics.Matches(topic);
          },
          [groups = config::NameFilter(cluster.groups)](std::string_view group) {
            return groups.Matches(group);
          }};
}

analysis::AnalysisSettings Settings(const config::Analysis& analysis, const config::Poll& poll) {
  return {poll.interval, analysis.window, analysis.drain_time,
          [isolation = config::IsolationPolicy(analysis)](std::string_view group) {
            return isolation.ReadsCommitted(group);
          }};
}

}  // namespace

ClusterMonitor::ClusterMonitor(const config::Cluster& cluster, std::size_t index,
                               const MonitorContext& context)
    : cluster_(cluster),
      index_(index),
      context_(context),
      client_(context.make_client(cluster)),
      collector_(Select(cluster), context.clock),
      analyzer_(Settings(context.analysis, context.poll)),
      poll_log_(cluster.name, context.log),
      has_ended_(ended_.get_future()) {
  context_.metrics.AddCluster(cluster.name);
}

ClusterMonitor::~ClusterMonitor() { RequestStop(); }

bool ClusterMonitor::PollOnce(WallTime now, Deadline deadline) {
  const Deadline begin = context_.clock();
  const analysis::LagReport report = Update(now, deadline);
  if (interrupted_) return false;  // its failures are not the cluster's

  std::shared_ptr<exposition::Samples> samples = buffers_.Take();
  exposition::Render(report, cluster_.name, context_.detail, *samples);
  const std::chrono::duration<double> duration = context_.clock() - begin;
  context_.metrics.CountPoll(cluster_.name, report, duration);
  context_.publisher.Publish(index_, std::move(samples));
  poll_log_.Write(report, duration);
  return report.steps[static_cast<std::size_t>(snapshot::Step::kMetadata)].success;
}

// What the cluster says now, and how old what it says is.
analysis::LagReport ClusterMonitor::Update(WallTime now, Deadline deadline) {
  snapshot::ClusterSnapshot seen = collector_.Collect(*client_, now, deadline);
  const bool metadata_known = seen.metadata_known;
  analyzer_.Fold(std::move(seen));
  if (metadata_known && !interrupted_) {
    const snapshot::TimesWanted wanted{
        [this](std::size_t most) { return analyzer_.WantedTimes(most); },
        [this](auto answers) { analyzer_.TakeTimes(answers); }};
    analyzer_.TakeStep(snapshot::LookUpTimes(*client_, wanted, context_.clock, deadline));
  }
  return analyzer_.Report();
}

void ClusterMonitor::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    Run(stop);
    client_.reset();  // here, because it may block
    ended_.set_value();
  });
}

void ClusterMonitor::RequestStop() {
  // In this order: the thread lets go of the client once it is asked to stop.
  if (!interrupted_.exchange(true)) client_->Interrupt();
  thread_.request_stop();
}

bool ClusterMonitor::WaitUntil(Deadline deadline) {
  return has_ended_.wait_until(deadline) == std::future_status::ready;
}

void ClusterMonitor::Run(const std::stop_token& stop) {
  std::mutex mutex;  // nobody else holds it: only a stop ends the wait early
  std::condition_variable_any condition;
  std::unique_lock lock(mutex);
  Deadline tick = SteadyNow();
  while (!stop.stop_requested()) {
    PollNow();
    tick = NextTick(tick, context_.poll.interval, SteadyNow());
    condition.wait_until(lock, stop, tick, [] { return false; });
  }
}

void ClusterMonitor::PollNow() noexcept {
  try {
    PollOnce(WallNow(), SteadyNow() + context_.poll.timeout);
  } catch (const std::exception& e) {  // out of memory, say: the next poll may do better
    context_.log.Write(LogLevel::kError, "poll failed",
                       {{"kafka_cluster", cluster_.name}, {"cause", e.what()}});
  }
}

Deadline NextTick(Deadline last, std::chrono::milliseconds interval, Deadline now) {
  if (now < last) return last;
  return last + ((now - last) / interval + 1) * interval;
}

}  // namespace backlogd::app
