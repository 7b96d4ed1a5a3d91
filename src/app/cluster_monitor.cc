#include "app/cluster_monitor.h"

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

analysis::AnalysisSettings Settings(const MonitorSettings& from) {
  const config::DeadLetters& dead_letters = from.dead_letters;
  return {from.poll.interval,
          from.analysis.window,
          from.analysis.drain_time,
          [isolation = config::IsolationPolicy(from.analysis)](std::string_view group) {
            return isolation.ReadsCommitted(group);
          },
          {deadletters::Discovery(deadletters::DiscoverySettingsOf(dead_letters)),
           deadletters::ReasonRulesOf(dead_letters), dead_letters.scan},
          [hints = config::CapacityHints(from.analysis)](std::string_view group) {
            return hints.For(group);
          }};
}

kafka::ReadLimits ScanLimits(const config::DeadLetters& dead_letters, std::size_t queues) {
  return {static_cast<std::size_t>(dead_letters.scan_records),
          static_cast<std::size_t>(dead_letters.scan_bytes), queues};
}

}  // namespace

ClusterMonitor::ClusterMonitor(MonitorSettings settings, Connection connection, std::size_t number,
                               const MonitorContext& context)
    : name_(settings.cluster.name),
      number_(number),
      context_(context),
      settings_(std::move(settings)),
      detail_(settings_.metrics),
      connection_(std::move(connection)),
      collector_(Select(settings_.cluster), context.clock),
      analyzer_(Settings(settings_)),
      poll_log_(name_, context.log),
      has_ended_(ended_.get_future()) {
  context_.metrics.AddCluster(name_);
}

ClusterMonitor::~ClusterMonitor() { RequestStop(); }

bool ClusterMonitor::PollOnce(WallTime now, Deadline deadline) {
  TakeChange();
  const Deadline begin = context_.clock();
  return Publish(std::make_shared<const analysis::LagReport>(Update(now, deadline)), begin);
}

bool ClusterMonitor::Publish(const std::shared_ptr<const analysis::LagReport>& report,
                             Deadline begin) {
  if (Abandoned()) return false;  // its failures are not the cluster's
  std::shared_ptr<exposition::Samples> samples = buffers_.Take();
  exposition::Render(*report, name_, detail_, *samples, settings_.compatibility);
  poll_log_.WriteDropped(samples->dropped);
  const std::chrono::duration<double> duration = context_.clock() - begin;

  const std::lock_guard lock(mutex_);
  if (stopping_) return false;  // the cluster may have no place any more
  context_.metrics.CountPoll(name_, *report, duration);
  context_.publisher.Publish(number_, std::move(samples));
  poll_log_.Write(*report, duration);
  context_.board.Publish(number_, report, duration);
  return report->steps[static_cast<std::size_t>(snapshot::Step::kMetadata)].success;
}

void ClusterMonitor::Apply(MonitorSettings settings, std::optional<Connection> connection) {
  std::optional<Connection> never_used;
  {
    const std::lock_guard lock(mutex_);
    if (change_) never_used.swap(change_->connection);
    // What this change relies upon may be part of one that was not taken yet.
    if (!connection) connection.swap(never_used);
    change_ = Change{std::move(settings), std::move(connection)};
    if (change_->connection) InterruptQuestions();
    changed_.notify_all();
  }
  if (never_used) Retire(std::move(*never_used));
}

void ClusterMonitor::Retire(Connection connection) {
  if (connection.client != nullptr) context_.retired.Take(std::move(connection.client));
  if (connection.reader != nullptr) context_.retired.Take(std::move(connection.reader));
}

void ClusterMonitor::TakeChange() {
  std::optional<Change> change;
  Connection former;
  {
    const std::lock_guard lock(mutex_);
    change.swap(change_);
    if (stopping_ || !change) return;
    if (change->connection) former = std::exchange(connection_, std::move(*change->connection));
  }
  Retire(std::move(former));
  Use(std::move(change->settings));
}

void ClusterMonitor::Use(MonitorSettings settings) {
  if (settings.metrics != settings_.metrics) detail_ = ConfiguredDetail(settings.metrics);
  settings_ = std::move(settings);
  collector_.Select(Select(settings_.cluster));
  analyzer_.Reconfigure(Settings(settings_));
}

// What the cluster says now, and how old what it says is.
analysis::LagReport ClusterMonitor::Update(WallTime now, Deadline deadline) {
  snapshot::ClusterSnapshot seen = Collect(now, deadline);
  const bool metadata_known = seen.metadata_known;
  analyzer_.Fold(std::move(seen));
  if (metadata_known && !Abandoned()) {
    LookUpTimes(deadline);
    ReadDeadLetters(deadline);
  }
  return analyzer_.Report();
}

// What is remembered of one cluster must not be taken for another's that answers in its place.
snapshot::ClusterSnapshot ClusterMonitor::Collect(WallTime now, Deadline deadline) {
  snapshot::ClusterSnapshot seen = collector_.Collect(*connection_.client, now, deadline);
  if (seen.cluster_id.empty() || seen.cluster_id == cluster_id_) return seen;
  const std::string former = std::exchange(cluster_id_, seen.cluster_id);
  if (former.empty()) return seen;
  context_.log.Write(
      LogLevel::kWarning, "another cluster answers: its history begins anew",
      {{"kafka_cluster", name_}, {"cluster_id", cluster_id_}, {"former_cluster_id", former}});
  collector_ = snapshot::Collector(Select(settings_.cluster), context_.clock);
  analyzer_ = analysis::LagAnalyzer(Settings(settings_));
  return collector_.Collect(*connection_.client, now, deadline);
}

void ClusterMonitor::LookUpTimes(Deadline deadline) {
  const snapshot::TimesWanted wanted{
      [this](std::size_t most) { return analyzer_.WantedTimes(most); },
      [this](auto answers) { analyzer_.TakeTimes(answers); }};
  analyzer_.TakeStep(snapshot::LookUpTimes(*connection_.client, wanted, context_.clock, deadline));
}

// A step that is switched off has nothing to do, and succeeds.
void ClusterMonitor::ReadDeadLetters(Deadline deadline) {
  snapshot::StepOutcome outcome;
  outcome.step = snapshot::Step::kReadDeadLetters;
  outcome.result = {true, true, {}};
  if (connection_.reader != nullptr) {
    const snapshot::RecordsWanted wanted{
        analyzer_.WantedRecords(),
        [this](std::size_t range, const auto& record) { analyzer_.TakeRecord(range, record); },
        [this](auto outcomes) { analyzer_.TakeReadOutcomes(outcomes); }};
    const auto limits = ScanLimits(settings_.dead_letters, analyzer_.DeadLetterQueues());
    outcome =
        snapshot::ReadDeadLetters(*connection_.reader, wanted, limits, context_.clock, deadline);
  }
  analyzer_.TakeStep(outcome);
}

void ClusterMonitor::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    Run(stop);
    Connection former;
    {
      const std::lock_guard lock(mutex_);
      former = std::move(connection_);
    }
    former = {};  // here, because it may block
    ended_.set_value();
  });
}

bool ClusterMonitor::Abandoned() const {
  const std::lock_guard lock(mutex_);
  return stopping_ || (change_ && change_->connection);
}

// REQUIRES: mutex_ is held
void ClusterMonitor::InterruptQuestions() {
  if (connection_.client != nullptr) connection_.client->Interrupt();
  if (connection_.reader != nullptr) connection_.reader->Interrupt();
}

void ClusterMonitor::RequestStop() {
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(stopping_, true)) InterruptQuestions();
  }
  thread_.request_stop();
}

bool ClusterMonitor::WaitUntil(Deadline deadline) {
  return has_ended_.wait_until(deadline) == std::future_status::ready;
}

void ClusterMonitor::Run(const std::stop_token& stop) {
  Deadline tick = SteadyNow();
  while (!stop.stop_requested()) {
    PollNow();
    tick = NextTick(tick, settings_.poll.interval, SteadyNow());
    WaitForTick(stop, tick);
    if (SteadyNow() < tick) tick = SteadyNow();  // a change: its cadence begins now
  }
}

void ClusterMonitor::WaitForTick(const std::stop_token& stop, Deadline tick) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, stop, tick, [this] { return change_.has_value(); });
}

void ClusterMonitor::PollNow() noexcept {
  poll_began_ = SteadyNow();
  try {
    PollOnce(WallNow(), SteadyNow() + settings_.poll.timeout);
  } catch (const std::exception& e) {  // out of memory, say: the next poll may do better
    context_.log.Write(LogLevel::kError, "poll failed",
                       {{"kafka_cluster", name_}, {"cause", e.what()}});
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
