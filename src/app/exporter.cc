#include "app/exporter.h"

#include <algorithm>
#include <future>
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

}  // namespace

Exporter::Exporter(const config::Config& config, ClientFactory make_client,
                   ReaderFactory make_reader, exposition::SelfMetrics& metrics, Log& log)
    : config_(config),
      make_client_(std::move(make_client)),
      make_reader_(std::move(make_reader)),
      detail_(config_.metrics),
      compatibility_(CompatibilityOf(config_)),
      clock_(SteadyNow),
      publisher_(config_.clusters.size(), GzipWindow(config_.poll), metrics, clock_),
      board_(NamesOf(config_.clusters)),
      context_{config_.poll,   config_.analysis, config_.dead_letters,
               make_client_,   make_reader_,     detail_,
               compatibility_, clock_,           metrics,
               publisher_,     board_,           log} {
  for (const config::Cluster& cluster : config_.clusters) {
    monitors_.push_back(std::make_unique<ClusterMonitor>(cluster, monitors_.size(), context_));
  }
}

bool Exporter::PollOnce() {
  std::vector<std::future<bool>> polls;
  for (const auto& monitor : monitors_) {
    polls.push_back(std::async(std::launch::async, [this, &monitor] {
      return monitor->PollOnce(WallNow(), SteadyNow() + config_.poll.timeout);
    }));
  }
  bool all = true;
  for (auto& poll : polls) all = poll.get() && all;
  return all;
}

void Exporter::Start() {
  for (const auto& monitor : monitors_) monitor->Start();
}

bool Exporter::Alive(Deadline now) const {
  const auto lost =
      std::max<Deadline::duration>(10 * config_.poll.timeout, std::chrono::minutes(1));
  return std::all_of(monitors_.begin(), monitors_.end(),
                     [&](const auto& monitor) { return monitor->PollingFor(now) < lost; });
}

bool Exporter::Stop(Deadline deadline) {
  for (const auto& monitor : monitors_) monitor->RequestStop();
  return std::all_of(monitors_.begin(), monitors_.end(),
                     [&](const auto& monitor) { return monitor->WaitUntil(deadline); });
}

}  // namespace backlogd::app
