#pragma once

#include <span>
#include <vector>

#include "kafka/admin_session.h"
#include "kafka/types.h"

namespace backlogd::kafka {

// See KafkaClient. Private to this room.
std::vector<PartitionOffset> FetchLogOffsets(AdminSession& session,
                                             std::span<const PartitionAt> partitions,
                                             OffsetSpec spec, Deadline deadline);
std::vector<PartitionOffset> FetchOffsetsForTimes(AdminSession& session,
                                                  std::span<const PartitionTime> partitions,
                                                  Deadline deadline);

}  // namespace backlogd::kafka
