#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace backlogd::dlq {

// RFC 4648, with padding.
std::string ToBase64(std::string_view bytes);
// Nothing if `text` is not what ToBase64 yields.
std::optional<std::string> FromBase64(std::string_view text);

}  // namespace backlogd::dlq
