#pragma once

#include <string_view>

namespace backlogd::dlq {

// "backlogd-dlq 0.1.0 (revision 0123456789ab)"
std::string_view Version();

}  // namespace backlogd::dlq
