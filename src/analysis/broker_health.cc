#include "analysis/broker_health.h"

#include <algorithm>

namespace backlogd::analysis {
namespace {

constexpr double kSlowSeconds = 0.5;
constexpr double kSlowTimesUsual = 5;
constexpr double kSlowAnywaySeconds = 2;
constexpr std::uint32_t kPollsToKnow = 8;
constexpr double kNewShare = 0.1;  // of one poll in the moving average

}  // namespace

void BrokerHealth::Update(std::span<const kafka::BrokerStatistics> statistics) {
  std::vector<Broker> brokers;
  brokers.reserve(statistics.size());
  for (const kafka::BrokerStatistics& seen : statistics) {
    const Broker* before = Find(seen.broker);
    Broker& broker = brokers.emplace_back(before == nullptr ? Broker{} : *before);
    broker.id = seen.broker;
    Judge(seen, broker);
  }
  brokers_ = std::move(brokers);
}

void BrokerHealth::Judge(const kafka::BrokerStatistics& seen, Broker& broker) {
  broker.throttled = seen.throttle_seconds > 0;
  if (seen.rtt_count < broker.rtt_count) {  // measured anew by a fresh client
    broker.rtt_count = 0;
    broker.rtt_sum = 0;
  }
  const auto requests = static_cast<double>(seen.rtt_count - broker.rtt_count);
  const double seconds = seen.rtt_sum_seconds - broker.rtt_sum;
  broker.rtt_count = seen.rtt_count;
  broker.rtt_sum = seen.rtt_sum_seconds;
  if (requests <= 0) return;  // nothing was measured: what was said stands
  const double average = seconds / requests;
  const bool usual_known = broker.polls >= kPollsToKnow;
  broker.slow = usual_known
                    ? average > std::max(kSlowSeconds, kSlowTimesUsual * broker.usual_seconds)
                    : average > kSlowAnywaySeconds;
  if (broker.slow) return;
  broker.usual_seconds += (average - broker.usual_seconds) * (broker.polls == 0 ? 1 : kNewShare);
  ++broker.polls;
}

const BrokerHealth::Broker* BrokerHealth::Find(kafka::BrokerId id) const {
  const auto found = std::ranges::lower_bound(brokers_, id, {}, &Broker::id);
  return found != brokers_.end() && found->id == id ? &*found : nullptr;
}

bool BrokerHealth::IsThrottled(kafka::BrokerId broker) const {
  const Broker* found = Find(broker);
  return found != nullptr && found->throttled;
}

bool BrokerHealth::IsSlow(kafka::BrokerId broker) const {
  const Broker* found = Find(broker);
  return found != nullptr && found->slow;
}

}  // namespace backlogd::analysis
