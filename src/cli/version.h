#pragma once

#include <string>
#include <string_view>

namespace backlogd::cli {

// "backlogd-dlq 0.1.0 (revision 0123456789ab)"
std::string VersionLine(std::string_view program);

}  // namespace backlogd::cli
