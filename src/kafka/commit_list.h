#pragma once

#include <span>

#include "kafka/rdkafka_handles.h"
#include "kafka/record_writer.h"

namespace backlogd::kafka {

// Commits as librdkafka takes them, with their texts. Pure. Private to this room.
TopicPartitionListPtr ToList(std::span<const GroupCommit> commits);

}  // namespace backlogd::kafka
