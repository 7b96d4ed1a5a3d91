#pragma once

#include <span>
#include <vector>

#include "kafka/admin_session.h"
#include "kafka/record_writer.h"
#include "kafka/writer_errors.h"

// What a RecordWriter asks aside from its transactions. Private to this room.
namespace backlogd::kafka {

// See RecordWriter. The session's handle has the group's name as its group.id and reads committed
// records only, so that Kafka answers for the group when its transactions have ended.
Result<std::vector<GroupPosition>> FetchGroupPositions(AdminSession& session,
                                                       const WriterNames& names,
                                                       std::span<const TopicPartition> partitions,
                                                       Deadline deadline);

std::vector<std::optional<Error>> DeleteRecordsBefore(AdminSession& session,
                                                      const WriterNames& names,
                                                      std::span<const GroupCommit> partitions,
                                                      Deadline deadline);

}  // namespace backlogd::kafka
