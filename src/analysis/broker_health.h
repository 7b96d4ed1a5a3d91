#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "kafka/types.h"

namespace backlogd::analysis {

// Whether brokers answer as they used to, by what librdkafka measured of our own requests. They are
// small: one that takes long waited in the broker.
class BrokerHealth {
 public:
  // One poll's statistics, ascending by broker.
  void Update(std::span<const kafka::BrokerStatistics> statistics);

  // In the last poll the broker made a request wait because of a quota.
  bool IsThrottled(kafka::BrokerId broker) const;
  // In the last poll requests took, on average, longer than half a second and five times as long as
  // in normal times; while those are not known, longer than two seconds.
  bool IsSlow(kafka::BrokerId broker) const;

 private:
  struct Broker {
    kafka::BrokerId id = kafka::kNoBroker;
    double rtt_sum = 0;
    std::uint64_t rtt_count = 0;
    double usual_seconds = 0;  // moving average over polls that were not slow
    std::uint32_t polls = 0;   // that it was made of
    bool throttled = false;
    bool slow = false;
  };
  const Broker* Find(kafka::BrokerId id) const;
  static void Judge(const kafka::BrokerStatistics& seen, Broker& broker);

  std::vector<Broker> brokers_;  // ascending by id
};

}  // namespace backlogd::analysis
