#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/types.h"

namespace backlogd::kafka {

// Adds up librdkafka's statistics, which it hands out as one JSON text a window. Counters grow
// over windows, brokers that leave and come back, and new handles. Private to this room.
class StatisticsRecord {
 public:
  // One window. A text that is not what STATISTICS.md says is left out, in whole or in part.
  void Update(std::string_view json);

  // The next window is that of a new handle, whose counters begin at 0.
  void HandleReplaced();

  std::vector<BrokerStatistics> Values() const;  // ascending by broker

 private:
  friend struct WindowReader;
  struct Counter {
    std::uint64_t before = 0;  // by earlier connections and handles
    std::uint64_t now = 0;     // as the handle counts it
  };
  struct BrokerRecord {
    std::map<std::string, Counter, std::less<>> requests;
    BrokerStatistics window;  // all but the requests
  };
  std::map<BrokerId, BrokerRecord> brokers_;
};

}  // namespace backlogd::kafka
