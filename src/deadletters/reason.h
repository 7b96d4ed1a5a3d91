#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

// Why a record lies in a dead-letter queue: the vocabulary of labels, commands and dashboards.
namespace backlogd::deadletters {

enum class Reason {
  kRetriesExhausted,  // something that may pass was still there at the last attempt
  kFormat,            // the record, or something in it, could not be read
  kBusiness,          // it was read, and refused
  kTimeout,
  kPermission,
  kUnknown,
};
inline constexpr std::size_t kReasonCount = static_cast<std::size_t>(Reason::kUnknown) + 1;

// The value of the label `reason`: "retries_exhausted", "format", ... Never changes.
std::string_view ToText(Reason reason);

// The reason that ToText() gives this text; nothing if there is none.
std::optional<Reason> ParseReason(std::string_view text);

}  // namespace backlogd::deadletters
