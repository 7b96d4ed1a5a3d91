#include "kafka/error_mapping.h"

#include <cctype>

namespace backlogd::kafka {
namespace {

// librdkafka says who found the error ("Local: ", "Broker: "): no use to a reader of our log.
std::string_view WithoutOrigin(std::string_view text) {
  for (const std::string_view origin : {"Local: ", "Broker: "}) {
    if (text.starts_with(origin)) return text.substr(origin.size());
  }
  return text;
}

}  // namespace

ErrorKind KindOf(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT: return ErrorKind::kTimeout;

    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__DESTROY_BROKER:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION: return ErrorKind::kUnreachable;

    case RD_KAFKA_RESP_ERR__NOENT:  // ListOffsets: none of the partitions asked for has a leader
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_OR_FOLLOWER:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER: return ErrorKind::kNoLeader;

    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
    case RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE: return ErrorKind::kAuthentication;

    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED: return ErrorKind::kUnauthorized;

    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    // What a member asks of its group, and the broker does not grant, now or later.
    case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
    case RD_KAFKA_RESP_ERR_GROUP_MAX_SIZE_REACHED:
    case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL: return ErrorKind::kUnsupported;

    default: return ErrorKind::kOther;
  }
}

bool IsPassing(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT: return true;
    default: return false;
  }
}

std::string CauseOf(rd_kafka_resp_err_t code) {
  if (code == RD_KAFKA_RESP_ERR__NOENT) return "no leader";
  if (code == RD_KAFKA_RESP_ERR__TRANSPORT) return "no connection";
  std::string cause(WithoutOrigin(rd_kafka_err2str(code)));
  // "Group authorization failed" begins small after a colon; "SASL ..." stays.
  if (cause.size() > 1 && std::islower(static_cast<unsigned char>(cause[1]))) {
    cause[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(cause[0])));
  }
  return cause;
}

Error MakeError(std::string_view subject, rd_kafka_resp_err_t code, const char* detail) {
  const ErrorKind kind = KindOf(code);
  const bool vague = kind == ErrorKind::kOther || kind == ErrorKind::kUnsupported;
  std::string message(subject);
  message += ": ";
  if (vague && detail != nullptr && *detail != '\0') {
    message += detail;
  } else {
    message += CauseOf(code);
  }
  return Error{kind, std::move(message)};
}

}  // namespace backlogd::kafka
