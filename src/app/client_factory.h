#pragma once

#include <functional>
#include <memory>

#include "config/config.h"
#include "kafka/kafka_client.h"

namespace backlogd::app {

// Makes a client of one cluster; throws config::ConfigError. Thread-safe.
using ClientFactory =
    std::function<std::unique_ptr<kafka::KafkaClient>(const config::Cluster& cluster)>;

}  // namespace backlogd::app
