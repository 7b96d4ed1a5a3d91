#include "app/exporter.h"

#include <algorithm>
#include <future>
#include <stdexcept>
#include <utility>

#include "app/clock.h"

namespace backlogd::app {
namespace {

// How long after its last request a client that takes gzip is still expected back.
std::chrono::milliseconds GzipWindow(const config::Poll& poll) {
  return std::max<std::chrono::milliseconds>(std::chrono::minutes(10), 20 * poll.interval);
}

std::vector<std::string> NamesOf(const std::vector<config::Cluster>& clusters) {
  std::vector<std::string> names;
  for (const config::Cluster& cluster : clusters) names.push_back(cluster.name);
  return names;
}

exposition::Compatibility CompatibilityOf(const config::Config& config) {
  exposition::Compatibility compatibility;
  static_assert(config::kPeers.size() == exposition::kPeers.size());  // and in the same order
  for (std::size_t i = 0; i < config::kPeers.size(); ++i) {
    compatibility.peers[i] = std::ranges::count(config.compatibility, config::kPeers[i]) > 0;
  }
  compatibility.several_clusters = config.clusters.size() > 1;
  return compatibility;
}

MonitorSettings SettingsOf(const config::Config& config, const config::Cluster& cluster) {
  return {cluster,         config.poll,
          config.analysis, config.dead_letters,
          config.metrics,  CompatibilityOf(config)};
}

Connection Connect(const MonitorSettings& settings, const Factories& factories) {
  Connection connection;
  connection.client = factories.make_client(settings.cluster);
  if (settings.dead_letters.scan) connection.reader = factories.make_reader(settings.cluster);
  return connection;
}

// Whether a cluster is asked in the same way. The interval is the window of the client's
// statistics.
bool ConnectsAlike(const MonitorSettings& a, const MonitorSettings& b) {
  return a.cluster.bootstrap_servers == b.cluster.bootstrap_servers &&
         a.cluster.properties == b.cluster.properties &&
         a.cluster.property_files == b.cluster.property_files &&
         a.poll.interval == b.poll.interval && a.dead_letters.scan == b.dead_letters.scan;
}

}  // namespace

Exporter::Exporter(const config::Config& config, const Factories& factories,
                   exposition::SelfMetrics& metrics, Log& log)
    : clock_(SteadyNow),
      metrics_(metrics),
      publisher_(config.clusters.size(), GzipWindow(config.poll), metrics, clock_),
      board_(NamesOf(config.clusters)),
      context_{clock_, metrics, publisher_, board_, retired_, log} {
  MutexLock lock(mutex_);
  for (const config::Cluster& cluster : config.clusters) {
    const MonitorSettings settings = SettingsOf(config, cluster);
    watched_.push_back({next_number_, settings,
                        std::make_shared<ClusterMonitor>(settings, Connect(settings, factories),
                                                         next_number_, context_)});
    ++next_number_;
  }
}

bool Exporter::PollOnce() {
  MutexLock lock(mutex_);
  std::vector<std::future<bool>> polls;
  for (const Watched& watched : watched_) {
    polls.push_back(std::async(std::launch::async, [&watched] {
      return watched.monitor->PollOnce(WallNow(), SteadyNow() + watched.settings.poll.timeout);
    }));
  }
  bool all = true;
  for (auto& poll : polls) all = poll.get() && all;
  return all;
}

void Exporter::Start() {
  MutexLock lock(mutex_);
  started_ = true;
  for (const Watched& watched : watched_) watched.monitor->Start();
}

ClusterChanges Exporter::Reload(const config::Config& config, const Factories& factories) {
  MutexLock lock(mutex_);
  if (stopped_) throw std::runtime_error("backlogd is stopping");
  std::vector<Plan> plans = MakePlans(config, factories);  // may throw: nothing has changed yet
  ClusterChanges changes;
  changes.removed = RemoveAllBut(plans);
  Arrange(plans);
  std::vector<Watched> watched;
  for (Plan& plan : plans) watched.push_back(Carry(std::move(plan), changes));
  watched_ = std::move(watched);
  return changes;
}

std::vector<Exporter::Plan> Exporter::MakePlans(const config::Config& config,
                                                const Factories& factories) {
  std::vector<Plan> plans;
  for (const config::Cluster& cluster : config.clusters) {
    Plan plan{SettingsOf(config, cluster), nullptr, std::nullopt};
    const auto known = std::ranges::find(watched_, cluster.name, [](const Watched& watched) {
      return watched.settings.cluster.name;
    });
    if (known != watched_.end()) plan.known = &*known;
    if (plan.known == nullptr || !ConnectsAlike(plan.known->settings, plan.settings)) {
      plan.connection = Connect(plan.settings, factories);
    }
    plans.push_back(std::move(plan));
  }
  return plans;
}

// In this order: a monitor that was told to stop publishes nothing, and its series may go.
std::vector<std::string> Exporter::RemoveAllBut(const std::vector<Plan>& plans) {
  std::vector<std::string> removed;
  for (Watched& watched : watched_) {
    const bool stays =
        std::ranges::any_of(plans, [&watched](const Plan& plan) { return plan.known == &watched; });
    if (stays) continue;
    const std::string& name = removed.emplace_back(watched.settings.cluster.name);
    watched.monitor->RequestStop();
    metrics_.RemoveCluster(name);
    retired_.Take(std::move(watched.monitor));
  }
  return removed;
}

// Gives the clusters their places before their monitors publish. New ones get the next numbers.
void Exporter::Arrange(const std::vector<Plan>& plans) {
  std::vector<std::pair<std::size_t, std::string>> places;
  std::vector<std::size_t> numbers;
  std::size_t next = next_number_;
  for (const Plan& plan : plans) {
    numbers.push_back(plan.known != nullptr ? plan.known->number : next++);
    places.emplace_back(numbers.back(), plan.settings.cluster.name);
  }
  board_.Arrange(places);
  publisher_.Arrange(numbers);
}

Exporter::Watched Exporter::Carry(Plan plan, ClusterChanges& changes) {
  const std::string& name = plan.settings.cluster.name;
  if (plan.known == nullptr) {
    changes.added.push_back(name);
    Watched fresh{next_number_++, plan.settings, nullptr};
    fresh.monitor = std::make_shared<ClusterMonitor>(
        std::move(plan.settings), std::move(*plan.connection), fresh.number, context_);
    if (started_) fresh.monitor->Start();
    return fresh;
  }
  Watched known = std::move(*plan.known);
  if (known.settings == plan.settings) return known;
  changes.changed.push_back(name);
  known.settings = plan.settings;
  known.monitor->Apply(std::move(plan.settings), std::move(plan.connection));
  return known;
}

bool Exporter::Alive(Deadline now) const {
  const auto goes_on = [now](const Watched& watched) {
    const auto lost =
        std::max<Deadline::duration>(10 * watched.settings.poll.timeout, std::chrono::minutes(1));
    return watched.monitor->PollingFor(now) < lost;
  };
  MutexLock lock(mutex_);
  return std::all_of(watched_.begin(), watched_.end(), goes_on);
}

bool Exporter::Stop(Deadline deadline) {
  MutexLock lock(mutex_);
  stopped_ = true;
  for (const Watched& watched : watched_) watched.monitor->RequestStop();
  const bool ended = std::all_of(watched_.begin(), watched_.end(), [&](const Watched& watched) {
    return watched.monitor->WaitUntil(deadline);
  });
  return ended && retired_.WaitUntil(deadline);
}

}  // namespace backlogd::app
