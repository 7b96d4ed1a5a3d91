#include "app/cluster_monitor.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "app/clock.h"
#include "config/name_filter.h"
#include "deadletters/handling.h"
#include "deadletters/settings.h"

namespace backlogd::app {
namespace {

snapshot::Selection Select(const config::Cluster& cluster) {
  return {[topics = config::TopicFilter(cluster.topics)](std::string_view topic) {
            return topics.Matches(topic);
          },
          [groups = config::NameFilter(cluster.groups)](std::string_view group) {
            return groups.Matches(group) || deadletters::IsOwnHandlingGroup(group);
          },
          deadletters::IsOwnHandlingGroup};
}

analysis::AnalysisSettings Settings(const MonitorContext& context) {
  const config::DeadLetters& dead_letters = context.dead_letters;
  return {context.poll.interval,
          context.analysis.window,
          context.analysis.drain_time,
          [isolation = config::IsolationPolicy(context.analysis)](std::string_view group) {
            return isolation.ReadsCommitted(group);
          },
          {deadletters::Discovery(deadletters::DiscoverySettingsOf(dead_letters)),
           deadletters::ReasonRulesOf(dead_letters), dead_letters.scan},
          [hints = config::CapacityHints(context.analysis)](std::string_view group) {
            return hints.For(group);
          }};
}

kafka::ReadLimits ScanLimits(const config::DeadLetters& dead_letters) {
  return {static_cast<std::size_t>(dead_letters.scan_records),
          static_cast<std::size_t>(dead_letters.scan_bytes)};
}

}  // namespace

ClusterMonitor::ClusterMonitor(const config::Cluster& cluster, std::size_t index,
                               const MonitorContext& context)
    : cluster_(cluster),
      index_(index),
      context_(context),
      client_(context.make_client(cluster)),
      reader_(context.dead_letters.scan ? context.make_reader(cluster) : nullptr),
      collector_(Select(cluster), context.clock),
      analyzer_(Settings(context)),
      poll_log_(cluster.name, context.log),
      has_ended_(ended_.get_future()) {
  context_.metrics.AddCluster(cluster.name);
}

ClusterMonitor::~ClusterMonitor() { RequestStop(); }

bool ClusterMonitor::PollOnce(WallTime now, Deadline deadline) {
  const Deadline begin = context_.clock();
  auto report = std::make_shared<const analysis::LagReport>(Update(now, deadline));
  if (interrupted_) return false;  // its failures are not the cluster's

  std::shared_ptr<exposition::Samples> samples = buffers_.Take();
  exposition::Render(*report, cluster_.name, context_.detail, *samples, context_.compatibility);
  const std::chrono::duration<double> duration = context_.clock() - begin;
  context_.metrics.CountPoll(cluster_.name, *report, duration);
  context_.publisher.Publish(index_, std::move(samples));
  poll_log_.Write(*report, duration);
  const bool success = report->steps[static_cast<std::size_t>(snapshot::Step::kMetadata)].success;
  context_.board.Publish(index_, std::move(report), duration);
  return success;
}

// What the cluster says now, and how old what it says is.
analysis::LagReport ClusterMonitor::Update(WallTime now, Deadline deadline) {
  snapshot::ClusterSnapshot seen = collector_.Collect(*client_, now, deadline);
  const bool metadata_known = seen.metadata_known;
  analyzer_.Fold(std::move(seen));
  if (metadata_known && !interrupted_) {
    LookUpTimes(deadline);
    ReadDeadLetters(deadline);
  }
  return analyzer_.Report();
}

void ClusterMonitor::LookUpTimes(Deadline deadline) {
  const snapshot::TimesWanted wanted{
      [this](std::size_t most) { return analyzer_.WantedTimes(most); },
      [this](auto answers) { analyzer_.TakeTimes(answers); }};
  analyzer_.TakeStep(snapshot::LookUpTimes(*client_, wanted, context_.clock, deadline));
}

// A step that is switched off has nothing to do, and succeeds.
void ClusterMonitor::ReadDeadLetters(Deadline deadline) {
  snapshot::StepOutcome outcome;
  outcome.step = snapshot::Step::kReadDeadLetters;
  outcome.result = {true, true, {}};
  if (reader_ != nullptr) {
    const snapshot::RecordsWanted wanted{
        analyzer_.WantedRecords(),
        [this](std::size_t range, const auto& record) { analyzer_.TakeRecord(range, record); },
        [this](auto outcomes) { analyzer_.TakeReadOutcomes(outcomes); }};
    outcome = snapshot::ReadDeadLetters(*reader_, wanted, ScanLimits(context_.dead_letters),
                                        context_.clock, deadline);
  }
  analyzer_.TakeStep(outcome);
}

void ClusterMonitor::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    Run(stop);
    client_.reset();  // here, because it may block
    reader_.reset();
    ended_.set_value();
  });
}

void ClusterMonitor::RequestStop() {
  // In this order: the thread lets go of the client once it is asked to stop.
  if (!interrupted_.exchange(true)) {
    client_->Interrupt();
    if (reader_ != nullptr) reader_->Interrupt();
  }
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
  poll_began_ = SteadyNow();
  try {
    PollOnce(WallNow(), SteadyNow() + context_.poll.timeout);
  } catch (const std::exception& e) {  // out of memory, say: the next poll may do better
    context_.log.Write(LogLevel::kError, "poll failed",
                       {{"kafka_cluster", cluster_.name}, {"cause", e.what()}});
  }
  poll_began_ = Deadline();
}

Deadline::duration ClusterMonitor::PollingFor(Deadline now) const {
  const Deadline began = poll_began_;
  return began == Deadline() ? Deadline::duration::zero() : now - began;
}

Deadline NextTick(Deadline last, std::chrono::milliseconds interval, Deadline now) {
  if (now < last) return last;
  return last + ((now - last) / interval + 1) * interval;
}

}  // namespace backlogd::app
