#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "config/config.h"
#include "kafka/rdkafka_handles.h"

// How a librdkafka handle is set up. Private to this room.
namespace backlogd::kafka {

// Values that must not be read by anybody: taken out of texts that librdkafka wrote.
class Secrets {
 public:
  explicit Secrets(const config::Cluster& cluster);

  // `text` with each secret replaced by "<secret>".
  std::string Hide(std::string_view text) const;

 private:
  std::vector<std::string> values_;  // longest first, so that none leaves a rest of another
};

// Where librdkafka's own messages go. Thread-safe: its threads write there.
struct LibraryLog {
  Log& log;
  std::string cluster;
  Secrets secrets;
};

// Our defaults, then the cluster's properties, then what must not be changed. `library_log` must
// outlive every handle made of it. Throws ConfigError whose key is the property's inside of the
// cluster ("properties.client.id"); it quotes no secret.
ConfPtr MakeConfiguration(const config::Cluster& cluster, std::chrono::milliseconds statistics,
                          LibraryLog& library_log);

// Throws ConfigError, with such a key too, if librdkafka refuses the properties. Waits for no
// broker.
HandlePtr MakeHandle(const config::Cluster& cluster, std::chrono::milliseconds statistics,
                     LibraryLog& library_log);

}  // namespace backlogd::kafka
