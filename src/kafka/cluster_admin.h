#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "config/config.h"

namespace backlogd::kafka {

struct NewTopic {
  std::string name;
  int partitions = 1;                         // > 0
  int replication = -1;                       // -1: the broker's default
  std::map<std::string, std::string> config;  // "retention.ms", ...
};

// Makes and removes topics and groups: for programs that make load, never for the daemon. Every
// call blocks until it is answered or `deadline` has passed; none throws. Errors name what could
// not be done and, where an ACL is missing, the ACL. Not thread-safe, but for Interrupt().
class ClusterAdmin {
 public:
  virtual ~ClusterAdmin() = default;

  // True: created, and all of its partitions have a leader; false: a topic of that name was there.
  virtual Result<bool> CreateTopic(const NewTopic& topic, Deadline deadline) = 0;
  // True: deleted; false: there was none.
  virtual Result<bool> DeleteTopic(const std::string& topic, Deadline deadline) = 0;
  virtual Result<bool> DeleteGroup(const std::string& group, Deadline deadline) = 0;

  virtual void Interrupt() = 0;
};

// Over librdkafka. Waits for no broker. `log` must outlive it. Throws config::ConfigError if
// librdkafka refuses a property (naming it; quotes no secret).
std::unique_ptr<ClusterAdmin> MakeClusterAdmin(const config::Cluster& cluster, Log& log);

}  // namespace backlogd::kafka
