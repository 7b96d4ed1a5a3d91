#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/config.h"

// Private to the room: what is known about librdkafka's properties.
namespace backlogd::config {

// Why backlogd does not work with this property, and what to do instead; absent if it does.
std::optional<std::string> ProblemWithProperty(std::string_view name);

// The same for a value. Never quotes it.
std::optional<std::string> ProblemWithPropertyValue(std::string_view name, std::string_view value);

// The same for a property of `cluster` beside its others.
std::optional<std::string> ProblemAmongProperties(const Cluster& cluster, std::string_view name);

// True unless the property is known to be harmless. Passwords, keys and tokens have too many names
// to list (librdkafka has a dozen), and a misspelt "sasl.pasword" is a secret as well.
bool IsSecret(std::string_view name, std::string_view value);

}  // namespace backlogd::config
