#pragma once

#include <span>
#include <vector>

#include "kafka/admin_session.h"
#include "kafka/types.h"

namespace backlogd::kafka {

// See KafkaClient::FetchLogOffsets. Private to this room.
std::vector<PartitionOffset> FetchLogOffsets(AdminSession& session,
                                             std::span<const PartitionAt> partitions,
                                             OffsetSpec spec, Deadline deadline);

}  // namespace backlogd::kafka
