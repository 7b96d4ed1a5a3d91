#pragma once

#include <cstdint>
#include <string_view>

namespace backlogd::snapshot {

// The partition of __consumer_offsets that holds a group, and whose leader is its coordinator:
// abs(String.hashCode(group)) % partitions, where abs(Integer.MIN_VALUE) is 0, as in Kafka's
// GroupCoordinatorService.partitionFor. `group` is UTF-8. REQUIRES: partitions > 0
std::uint32_t CoordinatorPartition(std::string_view group, std::uint32_t partitions);

}  // namespace backlogd::snapshot
