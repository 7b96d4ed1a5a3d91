#pragma once

#include <chrono>
#include <memory>

#include "base/log.h"
#include "config/config.h"
#include "kafka/kafka_client.h"

namespace backlogd::kafka {

// A client over librdkafka. Waits for no broker. `statistics_interval` is the window of
// Statistics(). librdkafka's own messages go to `log`, which must outlive the client.
// Throws config::ConfigError if librdkafka refuses a property (naming it; quotes no secret).
std::unique_ptr<KafkaClient> MakeLibrdkafkaClient(const config::Cluster& cluster,
                                                  std::chrono::milliseconds statistics_interval,
                                                  Log& log);

// Throws likewise. Runs no program, whereas a client may run kinit.
void CheckProperties(const config::Cluster& cluster, Log& log);

}  // namespace backlogd::kafka
