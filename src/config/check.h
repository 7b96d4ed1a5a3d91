#pragma once

#include <string>
#include <string_view>

#include "config/config.h"

// Private to the room: whether the values of a Config make sense.
namespace backlogd::config {

// Throws a Complaint, without a position, about the first value that does not.
void CheckValues(const Config& config);

// The same for parts; `key` is where they stand.
void CheckConnection(const Cluster& cluster, const std::string& key);
void CheckListenAddress(std::string_view address, std::string key);

}  // namespace backlogd::config
