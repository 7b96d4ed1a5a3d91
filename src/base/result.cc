#include "base/result.h"

namespace backlogd {

std::string_view ToText(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kTimeout: return "timeout";
    case ErrorKind::kUnreachable: return "unreachable";
    case ErrorKind::kNoLeader: return "no_leader";
    case ErrorKind::kAuthentication: return "authentication";
    case ErrorKind::kUnauthorized: return "unauthorized";
    case ErrorKind::kUnsupported: return "unsupported";
    case ErrorKind::kInterrupted: return "interrupted";
    case ErrorKind::kOther: return "other";
  }
  return "other";
}

}  // namespace backlogd
