#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "kafka/rdkafka_handles.h"
#include "kafka/types.h"

namespace backlogd::kafka {

// Why brokers cannot be talked to. librdkafka tells that once, aside from any request; the request
// itself then only times out. Not thread-safe. Private to this room.
class BrokerErrors {
 public:
  // `reason` is librdkafka's: "host:9092/2: Connect to ... failed: Connection refused (...)".
  void Note(rd_kafka_resp_err_t code, std::string_view reason);

  // The broker, or (kNoBroker) some broker, answered: what was noted about it is over.
  void Forget(BrokerId broker);

  // Whether something is noted about the cluster as a whole.
  bool knows_trouble() const { return cluster_.has_value(); }

  // `error` with its true kind and reason, if it is one that a broken connection would cause.
  // kNoBroker asks about the cluster as a whole.
  Error Explain(BrokerId broker, Error error) const;

 private:
  struct Trouble {
    ErrorKind kind = ErrorKind::kOther;
    std::string reason;
  };
  const Trouble* Find(BrokerId broker) const;

  std::map<BrokerId, Trouble> brokers_;
  std::optional<Trouble> cluster_;  // the most telling since a broker last answered
};

// Node id in librdkafka's "host:port/2: ..." or "ssl://host:port/2: ..."; kNoBroker if there is
// none ("/bootstrap").
BrokerId BrokerIn(std::string_view reason);

}  // namespace backlogd::kafka
