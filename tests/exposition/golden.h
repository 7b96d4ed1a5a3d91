#pragma once

#include <string>
#include <string_view>

namespace backlogd::exposition {

// Expects the file (a path inside the repository) to hold exactly `text`. With the environment
// variable BACKLOGD_UPDATE_GOLDEN=1 the file is written instead.
void ExpectFile(const std::string& path, std::string_view text);

// Throws if it cannot be read.
std::string ReadRepositoryFile(const std::string& path);

}  // namespace backlogd::exposition
