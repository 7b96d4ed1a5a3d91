#include "deadletters/reason.h"

namespace backlogd::deadletters {

std::string_view ToText(Reason reason) {
  switch (reason) {
    case Reason::kRetriesExhausted: return "retries_exhausted";
    case Reason::kFormat: return "format";
    case Reason::kBusiness: return "business";
    case Reason::kTimeout: return "timeout";
    case Reason::kPermission: return "permission";
    case Reason::kUnknown: break;
  }
  return "unknown";
}

std::optional<Reason> ParseReason(std::string_view text) {
  for (const Reason reason : {Reason::kRetriesExhausted, Reason::kFormat, Reason::kBusiness,
                              Reason::kTimeout, Reason::kPermission, Reason::kUnknown}) {
    if (ToText(reason) == text) return reason;
  }
  return std::nullopt;
}

}  // namespace backlogd::deadletters
