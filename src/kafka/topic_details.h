#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "kafka/admin_session.h"
#include "kafka/types.h"

// What any broker knows about topics. See KafkaClient for what the functions promise; `broker` is
// the one to ask. Private to this room.
namespace backlogd::kafka {

std::vector<Result<TopicId>> DescribeTopics(AdminSession& session, BrokerId broker,
                                            std::span<const std::string_view> topics,
                                            Deadline deadline);

std::vector<Result<TopicConfig>> DescribeTopicConfigs(AdminSession& session, BrokerId broker,
                                                      std::span<const std::string_view> topics,
                                                      Deadline deadline);

}  // namespace backlogd::kafka
