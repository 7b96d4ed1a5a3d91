#include "exposition/self_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/mutex.h"
#include "exposition/client_metrics.h"

namespace backlogd::exposition {
namespace {

using kafka::BrokerStatistics;
using prometheus::ClientMetric;
using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Labels;
using prometheus::Registry;
using snapshot::Step;

// From a quick poll of a small cluster to the longest timeout that makes sense.
const Histogram::BucketBoundaries kPollSeconds = {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};

// Help is the catalog's business.
Family<Counter>& CounterFamily(const char* name, const Labels& labels, Registry& registry) {
  return prometheus::BuildCounter().Name(name).Labels(labels).Register(registry);
}
Family<Gauge>& GaugeFamily(const char* name, const Labels& labels, Registry& registry) {
  return prometheus::BuildGauge().Name(name).Labels(labels).Register(registry);
}
Family<Histogram>& HistogramFamily(const char* name, const Labels& labels, Registry& registry) {
  return prometheus::BuildHistogram().Name(name).Labels(labels).Register(registry);
}

// By how much a count grew that starts again at 0 when its owner is replaced.
double Growth(double last, double now) { return now >= last ? now - last : now; }

struct RequestCount {
  Counter* counter = nullptr;
  double last_seen = 0;
};

struct BrokerCounts {
  std::map<std::string, RequestCount> requests;
  ClientMetric::Summary rtt;  // sums over all clients; the quantiles of the last window
  double last_rtt_sum = 0;
  double last_rtt_count = 0;
};

void CountRtt(const BrokerStatistics& seen, BrokerCounts& counts) {
  const auto count = static_cast<double>(seen.rtt_count);
  const bool restarted = count < counts.last_rtt_count;
  counts.rtt.sample_sum +=
      restarted ? seen.rtt_sum_seconds : Growth(counts.last_rtt_sum, seen.rtt_sum_seconds);
  counts.rtt.sample_count += static_cast<std::uint64_t>(Growth(counts.last_rtt_count, count));
  counts.last_rtt_sum = seen.rtt_sum_seconds;
  counts.last_rtt_count = count;
  counts.rtt.quantile.clear();
  for (const BrokerStatistics::Quantile& at : seen.rtt) {
    counts.rtt.quantile.push_back({at.quantile, at.seconds});
  }
}

// What is counted over the polls of one cluster.
class ClusterMetrics {
 public:
  explicit ClusterMetrics(std::string kafka_cluster)
      : labels_{{"kafka_cluster", std::move(kafka_cluster)}} {
    for (int step = 0; step < snapshot::kStepCount; ++step) {
      Failures(static_cast<Step>(step), ErrorKind::kTimeout);
      Failures(static_cast<Step>(step), ErrorKind::kUnreachable);
    }
    for (const Step step :
         {Step::kLogStartOffsets, Step::kCommittedOffsets, Step::kLastStableOffsets,
          Step::kLogEndOffsets, Step::kDescribeGroups, Step::kOffsetsForTimes}) {
      Failures(step, ErrorKind::kNoLeader);
    }
  }

  void CountPoll(const analysis::LagReport& report, double seconds) {
    durations_.Observe(seconds);
    for (const snapshot::Failure& failure : report.failures) {
      Failures(failure.step, failure.kind).Increment(static_cast<double>(failure.count));
    }
    if (report.up) {
      const std::chrono::duration<double> at = report.taken_at.time_since_epoch();
      last_success_.Add({}).Set(at.count());
    }
    CountRequests(report);
  }

  void Collect(ClientFamilies& to) const {
    Merge(registry_.Collect(), to);
    prometheus::MetricFamily rtt;
    rtt.name = "backlogd_kafka_request_rtt_seconds";
    rtt.type = prometheus::MetricType::Summary;
    for (const auto& [id, counts] : brokers_) {
      ClientMetric& metric = rtt.metric.emplace_back();
      metric.label = {{"kafka_cluster", labels_.at("kafka_cluster")},
                      {"broker", std::to_string(id)}};
      metric.summary = counts.rtt;
    }
    Merge({std::move(rtt)}, to);
  }

 private:
  Counter& Failures(Step step, ErrorKind kind) {
    return failures_.Add(
        {{"step", std::string(ToText(step))}, {"reason", std::string(ToText(kind))}});
  }

  void CountRequests(const analysis::LagReport& report) {
    for (auto& [id, counts] : brokers_) counts.rtt.quantile.clear();
    for (const BrokerStatistics& seen : report.client_statistics) {
      BrokerCounts& counts = brokers_[seen.broker];
      CountRtt(seen, counts);
      for (const BrokerStatistics::Request& request : seen.requests) {
        CountRequest(seen.broker, request, counts);
      }
    }
    if (report.has_data) ForgetBrokersNotIn(report);
  }

  void CountRequest(kafka::BrokerId broker, const BrokerStatistics::Request& request,
                    BrokerCounts& counts) {
    RequestCount& known = counts.requests[request.name];
    if (known.counter == nullptr) {
      known.counter =
          &requests_.Add({{"broker", std::to_string(broker)}, {"request", request.name}});
    }
    const auto now = static_cast<double>(request.count);
    known.counter->Increment(Growth(known.last_seen, now));
    known.last_seen = now;
  }

  void ForgetBrokersNotIn(const analysis::LagReport& report) {
    for (auto broker = brokers_.begin(); broker != brokers_.end();) {
      const kafka::BrokerId id = broker->first;
      if (std::ranges::count(report.brokers, id, &kafka::Broker::id) > 0 ||
          std::ranges::count(report.client_statistics, id, &BrokerStatistics::broker) > 0) {
        ++broker;
        continue;
      }
      for (const auto& [name, request] : broker->second.requests) requests_.Remove(request.counter);
      broker = brokers_.erase(broker);
    }
  }

  const Labels labels_;
  Registry registry_;
  Histogram& durations_ =
      HistogramFamily("backlogd_poll_duration_seconds", labels_, registry_).Add({}, kPollSeconds);
  Family<Counter>& failures_ = CounterFamily("backlogd_poll_failures_total", labels_, registry_);
  Family<Gauge>& last_success_ =
      GaugeFamily("backlogd_last_success_timestamp_seconds", labels_, registry_);
  Family<Counter>& requests_ = CounterFamily("backlogd_kafka_requests_total", labels_, registry_);
  std::map<kafka::BrokerId, BrokerCounts> brokers_;
};

std::string_view ToText(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return "debug";
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarning: return "warn";
    case LogLevel::kError: return "error";
  }
  return "error";
}

void AddProcess(const ProcessSample& process, ClientFamilies& to) {
  const std::pair<std::string_view, std::optional<double>> values[] = {
      {"process_resident_memory_bytes", process.resident_memory_bytes},
      {"process_virtual_memory_bytes", process.virtual_memory_bytes},
      {"process_open_fds", process.open_fds},
      {"process_max_fds", process.max_fds},
      {"process_start_time_seconds", process.start_time_seconds},
  };
  for (const auto& [name, value] : values) {
    if (value) AddGauge(name, {}, *value, to);
  }
  if (!process.cpu_seconds) return;
  prometheus::MetricFamily cpu;
  cpu.name = "process_cpu_seconds_total";
  cpu.type = prometheus::MetricType::Counter;
  cpu.metric.emplace_back().counter.value = *process.cpu_seconds;
  Merge({std::move(cpu)}, to);
}

// Counts this very family too: it has one series for each family on the page.
void AddSeriesCounts(const std::vector<std::shared_ptr<const Samples>>& others,
                     ClientFamilies& to) {
  std::map<std::string_view, std::size_t> series;
  for (const auto& part : others) {
    for (const Samples::Family& family : part->families) {
      series[family.spec->name] += family.series;
    }
  }
  for (const auto& [name, family] : to) {
    const std::size_t own = CountSeries(family);
    if (own > 0) series[name] += own;
  }
  constexpr std::string_view kName = "backlogd_series";
  series[kName] = 0;
  series[kName] = series.size();
  for (const auto& [family, count] : series) {
    AddGauge(kName, {{"family", std::string(family)}}, static_cast<double>(count), to);
  }
}

}  // namespace

struct SelfMetrics::State {
  Registry registry;
  Family<Counter>& log_messages = CounterFamily("backlogd_log_messages_total", {}, registry);
  Family<Counter>& http_requests = CounterFamily("backlogd_http_requests_total", {}, registry);
  Family<Gauge>& config_success = GaugeFamily("backlogd_config_reload_success", {}, registry);
  Family<Gauge>& config_time =
      GaugeFamily("backlogd_config_reload_timestamp_seconds", {}, registry);

  mutable Mutex mutex;
  std::map<std::string, ClusterMetrics, std::less<>> clusters GUARDED_BY(mutex);

  Counter& LogMessages(LogLevel level) {
    return log_messages.Add({{"level", std::string(ToText(level))}});
  }
  Counter& HttpRequests(int code) { return http_requests.Add({{"code", std::to_string(code)}}); }
  ClusterMetrics& Cluster(std::string_view name) REQUIRES_LOCK(mutex) {
    return clusters.try_emplace(std::string(name), std::string(name)).first->second;
  }
};

SelfMetrics::SelfMetrics(const BuildInfo& build) : state_(std::make_unique<State>()) {
  GaugeFamily("backlogd_build_info", {}, state_->registry)
      .Add({{"version", build.version}, {"revision", build.revision}})
      .Set(1);
  for (const LogLevel level :
       {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError}) {
    state_->LogMessages(level);
  }
  for (const int code : {200, 500, 503}) state_->HttpRequests(code);
}

SelfMetrics::~SelfMetrics() = default;

void SelfMetrics::AddCluster(std::string_view kafka_cluster) {
  MutexLock lock(state_->mutex);
  state_->Cluster(kafka_cluster);
}

void SelfMetrics::RemoveCluster(std::string_view kafka_cluster) {
  MutexLock lock(state_->mutex);
  const auto known = state_->clusters.find(kafka_cluster);
  if (known != state_->clusters.end()) state_->clusters.erase(known);
}

void SelfMetrics::CountPoll(std::string_view kafka_cluster, const analysis::LagReport& report,
                            std::chrono::duration<double> duration) {
  MutexLock lock(state_->mutex);
  state_->Cluster(kafka_cluster).CountPoll(report, duration.count());
}

void SelfMetrics::CountHttpRequest(int status_code) {
  state_->HttpRequests(status_code).Increment();
}

void SelfMetrics::CountLogMessage(LogLevel level) { state_->LogMessages(level).Increment(); }

void SelfMetrics::SetConfigLoaded(bool success, WallTime at) {
  state_->config_success.Add({}).Set(success ? 1 : 0);
  if (!success) return;
  const std::chrono::duration<double> time = at.time_since_epoch();
  state_->config_time.Add({}).Set(time.count());
}

std::shared_ptr<const Samples> SelfMetrics::Render(
    const ProcessSample& process, const std::vector<std::shared_ptr<const Samples>>& others) const {
  ClientFamilies families;
  Merge(state_->registry.Collect(), families);
  {
    MutexLock lock(state_->mutex);
    for (const auto& [name, cluster] : state_->clusters) cluster.Collect(families);
  }
  AddProcess(process, families);
  AddSeriesCounts(others, families);
  auto samples = std::make_shared<Samples>();
  WriteFamilies(families, *samples);
  return samples;
}

}  // namespace backlogd::exposition
