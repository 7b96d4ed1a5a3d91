#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "kafka/kafka_client.h"

namespace backlogd::sim {

// Which topics there are. A topic once seen is not asked for again, so that an answer does not
// depend on a broker's being there; one that is not seen is asked for at most once a second.
// Thread-safe.
class TopicDirectory {
 public:
  explicit TopicDirectory(std::unique_ptr<kafka::KafkaClient> client)
      : client_(std::move(client)) {}

  // Blocks until the cluster answers, at most until `deadline` (or, behind somebody else, as long
  // again). An error: nobody knows.
  Result<bool> Has(const std::string& topic, Deadline now, Deadline deadline);

  // A record could not be written there: the topic may be gone, and is asked for again.
  void Forget(const std::string& topic);

 private:
  std::mutex mutex_;
  std::unique_ptr<kafka::KafkaClient> client_;
  std::set<std::string> topics_;
  Deadline asked_at_{};
};

}  // namespace backlogd::sim
