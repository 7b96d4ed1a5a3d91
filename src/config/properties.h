#pragma once

#include <optional>
#include <string>
#include <string_view>

// Private to the room: what is known about librdkafka's properties.
namespace backlogd::config {

// Why backlogd does not work with this property, and what to do instead; absent if it does.
std::optional<std::string> ProblemWithProperty(std::string_view name);

// The same for a value. Never quotes it.
std::optional<std::string> ProblemWithPropertyValue(std::string_view name, std::string_view value);

// True unless the property is known to be harmless. Passwords, keys and tokens have too many names
// to list (librdkafka has a dozen), and a misspelt "sasl.pasword" is a secret as well.
bool IsSecret(std::string_view name, std::string_view value);

}  // namespace backlogd::config
