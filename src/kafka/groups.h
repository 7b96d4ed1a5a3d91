#pragma once

#include <span>
#include <vector>

#include "kafka/admin_session.h"
#include "kafka/types.h"

// See KafkaClient for what each function promises. Private to this room.
namespace backlogd::kafka {

std::vector<Result<GroupListing>> ListGroups(AdminSession& session,
                                             std::span<const BrokerId> brokers, Deadline deadline);

std::vector<Result<GroupDescription>> DescribeGroups(AdminSession& session,
                                                     std::span<const GroupAt> groups,
                                                     Deadline deadline);

}  // namespace backlogd::kafka
