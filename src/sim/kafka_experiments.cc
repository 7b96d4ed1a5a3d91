#include "sim/kafka_experiments.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <utility>

#include "sim/failure.h"
#include "sim/processor_load.h"
#include "sim/push_site.h"
#include "sim/schedule.h"

namespace backlogd::sim {
namespace {

using std::chrono::milliseconds;

// Nobody's disk is to be filled: a run ends early then.
constexpr std::uint64_t kMostRecords = 2'000'000;
constexpr std::uint64_t kMostBytes = std::uint64_t{512} << 20;
constexpr milliseconds kTick{10};
// A window of the statistics, and until a member has looked at it.
constexpr milliseconds kStatisticsDelay{1700};

std::uint64_t MostRecords(const config::SimCapacity& settings) {
  const auto bytes = static_cast<std::uint64_t>(settings.value_bytes) + 100;
  return std::min(kMostRecords, std::max<std::uint64_t>(kMostBytes / bytes, 1));
}

std::string RunId() {
  std::random_device random;
  return std::to_string(random());
}

double MillisecondsAt(const Latencies& latencies, double share) {
  return static_cast<double>(latencies.Quantile(share).count()) / 1000;
}

struct RoundTrips {
  double seconds = 0;
  std::uint64_t count = 0;
  double throttle_seconds = 0;
};

void Add(const std::vector<kafka::BrokerStatistics>& brokers, RoundTrips& sum) {
  for (const kafka::BrokerStatistics& broker : brokers) {
    sum.seconds += broker.rtt_sum_seconds;
    sum.count += broker.rtt_count;
    sum.throttle_seconds = std::max(sum.throttle_seconds, broker.throttle_seconds);
  }
}

RoundTrips Sum(const std::vector<std::unique_ptr<LoadSource>>& sources) {
  RoundTrips sum;
  for (const auto& source : sources) Add(source->Statistics(), sum);
  return sum;
}

// Of consumers that alone tells of the broker: a fetch waits for records as long as it may. Absent
// if no window of the statistics has ended yet.
std::optional<double> ThrottleOf(const std::vector<kafka::BrokerStatistics>& brokers) {
  RoundTrips sum;
  Add(brokers, sum);
  if (sum.count == 0) return std::nullopt;
  return sum.throttle_seconds * 1000;
}

LoadSeen Between(const RoundTrips& before, const RoundTrips& after) {
  LoadSeen seen;
  if (after.count == 0) return seen;  // no window of the statistics has ended yet
  seen.throttle_ms = after.throttle_seconds * 1000;
  if (after.count > before.count) {
    seen.request_ms =
        (after.seconds - before.seconds) / static_cast<double>(after.count - before.count) * 1000;
  }
  return seen;
}

std::uint64_t Acknowledged(const std::vector<std::unique_ptr<LoadSource>>& sources) {
  return std::accumulate(
      sources.begin(), sources.end(), std::uint64_t{0},
      [](std::uint64_t sum, const auto& source) { return sum + source->acknowledged(); });
}

double Seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

// What sources do between its construction and End().
class Window {
 public:
  Window(const std::vector<std::unique_ptr<LoadSource>>& sources, const Surroundings& with)
      : sources_(sources),
        with_(with),
        before_(Sum(sources)),
        acknowledged_(Acknowledged(sources)),
        begun_(with.steady_now()) {
    sources.front()->TakeLatencies();
  }

  std::uint64_t Records() const { return Acknowledged(sources_) - acknowledged_; }
  double Length() const { return Seconds(with_.steady_now() - begun_); }

  RateRun End() const {
    RateRun run;
    run.records = Records();
    run.seconds = Length();
    run.records_per_second = static_cast<double>(run.records) / run.seconds;
    run.load = Between(before_, Sum(sources_));
    run.load.busy = busy_.Share();
    const Latencies latencies = sources_.front()->TakeLatencies();
    run.p50_ms = MillisecondsAt(latencies, 0.5);
    run.p99_ms = MillisecondsAt(latencies, 0.99);
    return run;
  }

 private:
  const std::vector<std::unique_ptr<LoadSource>>& sources_;
  const Surroundings& with_;
  const ProcessorLoad busy_;
  const RoundTrips before_;
  const std::uint64_t acknowledged_;
  const Deadline begun_;
};

// Produces the inflow at hand and samples how far its group is behind.
class Inflow {
 public:
  Inflow(const config::SimCapacity& settings, LoadSource& source, const MeasuredGroup& group)
      : source_(source),
        group_(group),
        rate_(settings.inflow),
        warm_up_(Seconds(settings.run) / 5),
        probes_(source.acknowledged()) {}

  void SendBy(double seconds) {
    const auto due = static_cast<std::uint64_t>(seconds * rate_);
    std::uint64_t to_send = pacer_.ToSend(seconds, due, sent_);
    for (; to_send > 0 && source_.Send(group_.key()); --to_send) ++sent_;
  }

  void SampleAt(double seconds) {
    if (seconds < warm_up_ || seconds < sampled_ + kSampleInterval) return;
    const std::uint64_t handled = group_.Handled();
    const std::uint64_t written = source_.acknowledged() - probes_;
    if (run_.backlog.empty()) at_warm_up_ = {seconds, static_cast<double>(written)};
    // A record may be handled before its acknowledgement is here.
    const auto backlog = static_cast<double>(written - std::min(written, handled));
    run_.backlog.push_back({seconds - warm_up_, backlog});
    run_.inflow = (static_cast<double>(written) - at_warm_up_.value) /
                  std::max(seconds - at_warm_up_.seconds, 1e-3);
    sampled_ = seconds;
  }

  const InflowRun& run() const { return run_; }

 private:
  static constexpr double kSampleInterval = 0.05;

  LoadSource& source_;
  const MeasuredGroup& group_;
  const double rate_;
  const double warm_up_;
  const std::uint64_t probes_;  // acknowledged before
  Pacer pacer_{};
  std::uint64_t sent_ = 0;
  Sample at_warm_up_{};
  double sampled_ = 0;
  InflowRun run_{};
};

}  // namespace

KafkaExperiments::KafkaExperiments(const Session& session, std::string topic, int partitions,
                                   std::function<void()> tick)
    : session_(session),
      settings_(session.settings().capacity),
      topic_(std::move(topic)),
      partitions_(partitions),
      tick_(std::move(tick)),
      run_id_(RunId()) {}

bool KafkaExperiments::Wait(milliseconds time) const {
  tick_();
  return session_.with().stop.Sleep(time);
}

std::unique_ptr<LoadSource> KafkaExperiments::MakeSource() const {
  return std::make_unique<LoadSource>(session_, topic_, partitions_, settings_.value_bytes);
}

std::unique_ptr<MeasuredGroup> KafkaExperiments::MakeGroup(int members, double handling_ms) {
  const std::string group = "backlogd-capacity-" + run_id_ + "-" + std::to_string(++groups_);
  return std::make_unique<MeasuredGroup>(
      session_, GroupOrder{topic_, partitions_, group, members, handling_ms});
}

std::optional<RateRun> KafkaExperiments::Produce(int producers) {
  Sources sources;
  for (int i = 0; i < producers; ++i) {
    sources.push_back(MakeSource());
    sources.back()->Send("warm-up");
  }
  for (const auto& source : sources) source->Flush();  // connected
  std::vector<std::unique_ptr<FlatOut>> senders;
  for (const auto& source : sources) {
    senders.push_back(std::make_unique<FlatOut>(*source, "capacity"));
  }
  if (!Wait(settings_.run / 5)) return std::nullopt;
  const Window window(sources, session_.with());
  while (window.Length() < Seconds(settings_.run) && window.Records() < MostRecords(settings_)) {
    for (const auto& sender : senders) sender->Demand();
    if (!Wait(kTick)) return std::nullopt;
  }
  return window.End();
}

std::optional<RateRun> KafkaExperiments::Push() {
  return MeasurePush(session_, settings_.push_url, topic_, {settings_.run, MostRecords(settings_)});
}

bool KafkaExperiments::MakeBacklog(LoadSource& source, const ConsumeOrder& order,
                                   const std::string& key) {
  const Surroundings& with = session_.with();
  const Deadline deadline = with.steady_now() + settings_.run / 2;
  const std::uint64_t most = std::min(order.records.value_or(kMostRecords), MostRecords(settings_));
  for (std::uint64_t sent = 0; sent < most;) {
    if (!order.records && with.steady_now() >= deadline) break;
    if (source.Send(key)) {
      ++sent;
    } else if (source.DemandDeliveries(); !Wait(milliseconds(2))) {
      return false;
    }
  }
  source.Flush();
  return !with.stop.Requested();
}

std::optional<RateRun> KafkaExperiments::Consume(const ConsumeOrder& order) {
  const auto source = MakeSource();
  const auto group = MakeGroup(order.members, order.handling_ms);
  if (!group->Settle(*source, tick_)) return std::nullopt;
  group->Hold();
  source->Flush();  // the probes
  const std::uint64_t before = source->acknowledged();
  if (!MakeBacklog(*source, order, group->key())) return std::nullopt;
  const ProcessorLoad busy;
  group->Release();
  if (!AwaitHandled(*group, source->acknowledged() - before, order.limit)) return std::nullopt;
  RateRun run;
  run.records = group->Handled();
  run.seconds = group->SecondsOfHandling();
  run.load.busy = busy.Share();
  if (order.handling_ms == 0 && Wait(kStatisticsDelay)) {
    run.load.throttle_ms = ThrottleOf(group->Statistics());
  }
  if (run.seconds > 0) {
    run.records_per_second = static_cast<double>(run.records - 1) / run.seconds;
  }
  return run;
}

bool KafkaExperiments::AwaitHandled(const MeasuredGroup& group, std::uint64_t records,
                                    milliseconds limit) const {
  const Surroundings& with = session_.with();
  const Deadline give_up = with.steady_now() + limit + session_.settings().timeout;
  while (group.Handled() < records && group.SecondsOfHandling() < Seconds(limit)) {
    group.Demand();
    if (with.steady_now() > give_up) {
      throw Failure("group " + group.key() + " stands still: " + std::to_string(group.Handled()) +
                    " of " + std::to_string(records) + " records came");
    }
    if (!Wait(kTick)) return false;
  }
  return true;
}

std::optional<InflowRun> KafkaExperiments::Follow(int members) {
  const Surroundings& with = session_.with();
  const auto source = MakeSource();
  const auto group = MakeGroup(members, settings_.handling_ms);
  if (!group->Settle(*source, tick_)) return std::nullopt;
  source->Flush();  // the probes
  Inflow inflow(settings_, *source, *group);
  const Deadline begun = with.steady_now();
  const Deadline end = begun + settings_.run / 5 + settings_.run;
  while (with.steady_now() < end) {
    const double seconds = Seconds(with.steady_now() - begun);
    inflow.SendBy(seconds);
    inflow.SampleAt(seconds);
    group->Demand();
    source->DemandDeliveries();
    if (!Wait(milliseconds(5))) return std::nullopt;
  }
  return inflow.run();
}

}  // namespace backlogd::sim
