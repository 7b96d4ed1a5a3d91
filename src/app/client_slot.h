#pragma once

#include <functional>
#include <memory>

#include "base/mutex.h"
#include "config/config.h"
#include "kafka/kafka_client.h"

namespace backlogd::app {

// Makes a client of one cluster; throws config::ConfigError. Thread-safe.
using ClientFactory =
    std::function<std::unique_ptr<kafka::KafkaClient>(const config::Cluster& cluster)>;

// The client that one thread uses and replaces, while another may interrupt it.
class ClientSlot {
 public:
  explicit ClientSlot(std::unique_ptr<kafka::KafkaClient> client);

  // For the using thread: valid until it calls Replace(). Null after Replace(nullptr).
  kafka::KafkaClient* client();
  // For the using thread. Destroys the old client, which may block. An interrupted slot interrupts
  // the new one too.
  void Replace(std::unique_ptr<kafka::KafkaClient> client);

  // Thread-safe; never blocks long.
  void Interrupt();
  bool interrupted();

 private:
  Mutex mutex_;
  std::unique_ptr<kafka::KafkaClient> client_ GUARDED_BY(mutex_);
  bool interrupted_ GUARDED_BY(mutex_) = false;
};

}  // namespace backlogd::app
