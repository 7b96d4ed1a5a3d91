#include "kafka/writer_errors.h"

#include "kafka/error_mapping.h"

namespace backlogd::kafka {
namespace {

std::string_view ToText(TopicRight right) {
  switch (right) {
    case TopicRight::kRead: return "READ";
    case TopicRight::kWrite: return "WRITE";
    case TopicRight::kDelete: return "DELETE";
  }
  return "";
}

std::string List(const std::set<std::string, std::less<>>& topics) {
  std::string list = topics.size() > 1 ? "topics" : "topic";
  std::string_view separator = " ";
  for (const std::string& topic : topics) {
    list.append(separator).append(topic);
    separator = ", ";
  }
  return list;
}

// The ACL whose lack the code tells; empty if it tells none.
std::string NeededRight(rd_kafka_resp_err_t code, const WriterNames& names, const TopicNeed& need) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return std::string(ToText(need.right)) + " on " + List(need.topics);
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED: return "READ on group " + names.group;
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return "WRITE and DESCRIBE on transactional id " + names.transactional_id;
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED: return "IDEMPOTENT_WRITE on the cluster";
    default: return "";
  }
}

}  // namespace

bool IsFenced(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
         code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
}

Error MakeWriterError(std::string_view subject, rd_kafka_resp_err_t code, const char* detail,
                      const WriterNames& names, const TopicNeed& need) {
  if (IsFenced(code)) {
    return Error{ErrorKind::kOther, std::string(subject) + ": fenced by another writer with the " +
                                        "transactional id " + names.transactional_id};
  }
  Error error = MakeError(subject, code, detail);
  const std::string needed = NeededRight(code, names, need);
  if (!needed.empty()) error.message += " (needs " + needed + ")";
  return error;
}

}  // namespace backlogd::kafka
