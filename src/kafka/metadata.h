#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "kafka/admin_session.h"
#include "kafka/types.h"

namespace backlogd::kafka {

// Asks for the cluster's metadata, and remembers between the calls what seldom changes.
// Private to this room.
class MetadataSource {
 public:
  // Fills librdkafka's cache of leaders too, by which it sends ListOffsets.
  Result<Metadata> Fetch(AdminSession& session, Deadline deadline);

  // The broker that answered last: good to be asked what any broker knows. kNoBroker before that.
  BrokerId live_broker() const { return live_broker_; }

  // Whether we lack DESCRIBE on the cluster, as it last said: then brokers list only the groups
  // that we may describe, and say nothing of the others.
  bool lacks_cluster_describe() const { return lacks_cluster_describe_; }

 private:
  MetadataPtr Ask(AdminSession& session, Deadline deadline, rd_kafka_resp_err_t& code);
  void AddRacks(AdminSession& session, Deadline deadline, std::vector<Broker>& brokers);

  BrokerId live_broker_ = kNoBroker;
  std::chrono::milliseconds last_duration_{0};
  std::map<BrokerId, std::string> racks_;
  int polls_until_racks_ = 0;
  bool lacks_cluster_describe_ = false;
};

// librdkafka's metadata as ours, sorted. Pure; cluster id and racks are not in it.
Metadata ToMetadata(const rd_kafka_metadata_t& seen);

}  // namespace backlogd::kafka
