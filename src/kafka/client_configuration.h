#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"
#include "config/config.h"
#include "kafka/library_memory.h"
#include "kafka/rdkafka_handles.h"

// How a librdkafka handle is set up. Private to this room.
namespace backlogd::kafka {

// Values that must not be read by anybody: taken out of texts that librdkafka wrote. Of a key in
// lines, as PEM is, each line is one too, and its beginning where a text ends in it: librdkafka
// cuts what it says. Thread-safe.
class Secrets {
 public:
  explicit Secrets(const config::Cluster& cluster) { Add(cluster); }

  // What was a secret before stays one: an old handle may still speak of it.
  void Add(const config::Cluster& cluster);

  // `text` with each secret replaced by "<secret>".
  std::string Hide(std::string_view text) const;

 private:
  void AddValue(std::string_view value);  // REQUIRES: locked

  mutable std::mutex mutex_;
  std::vector<std::string> values_;  // longest first, so that none leaves a rest of another
};

// Where librdkafka's own messages go. Thread-safe: its threads write there.
struct LibraryLog {
  Log& log;
  std::string cluster;
  Secrets secrets;
  LibraryMemory memory{};

  // A reason that librdkafka gives for a connection's end, without secrets, and as told as can be.
  std::string Words(std::string_view reason) const {
    return memory.WithCertificate(secrets.Hide(reason));
  }
};

// What a handle is for. Later properties take precedence over earlier ones.
struct HandleUse {
  using Properties = std::vector<std::pair<std::string, std::string>>;
  rd_kafka_type_t type = RD_KAFKA_CONSUMER;  // of producers: delivery reports come as events
  Properties defaults;                       // a cluster's own properties may change these
  Properties guards;                         // not these
  bool warns = true;                         // if a cluster's own properties would
  bool rebalances = false;                   // a group's member: told of rebalances by events
  bool runs_programs = true;                 // such as kinit
};

// Our defaults, then the cluster's properties, then what must not be changed. 0 ms: no statistics.
// `library_log` must outlive every handle made of it. Throws ConfigError whose key is the
// property's inside of the cluster ("properties.client.id"); it quotes no secret.
ConfPtr MakeConfiguration(const config::Cluster& cluster, std::chrono::milliseconds statistics,
                          LibraryLog& library_log, const HandleUse& use = {});

// Throws ConfigError, with such a key too, if librdkafka refuses the properties. Waits for no
// broker.
HandlePtr MakeHandle(const config::Cluster& cluster, std::chrono::milliseconds statistics,
                     LibraryLog& library_log, const HandleUse& use = {});

}  // namespace backlogd::kafka
