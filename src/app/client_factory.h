#pragma once

#include <functional>
#include <memory>

#include "config/config.h"
#include "kafka/kafka_client.h"
#include "kafka/record_reader.h"

namespace backlogd::app {

// Makes a client, or a reader of records, of one cluster; throws config::ConfigError. Thread-safe.
using ClientFactory =
    std::function<std::unique_ptr<kafka::KafkaClient>(const config::Cluster& cluster)>;
using ReaderFactory =
    std::function<std::unique_ptr<kafka::RecordReader>(const config::Cluster& cluster)>;

}  // namespace backlogd::app
