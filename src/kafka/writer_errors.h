#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "kafka/rdkafka_handles.h"

// What a RecordWriter could not do, in words for the operator. Pure. Private to this room.
namespace backlogd::kafka {

// The names that rights are needed on.
struct WriterNames {
  std::string transactional_id;
  std::string group;
};

enum class TopicRight { kRead, kWrite, kDelete };

// What a request needs on the topics that it is about.
struct TopicNeed {
  TopicRight right = TopicRight::kRead;
  std::set<std::string, std::less<>> topics;
};

// "subject: cause (needs WRITE on topic orders)".
Error MakeWriterError(std::string_view subject, rd_kafka_resp_err_t code, const char* detail,
                      const WriterNames& names, const TopicNeed& need);

// Another writer took the transactional id over.
bool IsFenced(rd_kafka_resp_err_t code);

}  // namespace backlogd::kafka
