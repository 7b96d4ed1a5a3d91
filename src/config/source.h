#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "config/complaint.h"
#include "config/config.h"

// Private to the room: files that configurations are read from, and what is said of them.
namespace backlogd::config {

using Positions = std::map<std::string, Position>;

// Where `key` stands, or else the nearest map or list around it that is in the file.
std::optional<Position> FindPosition(std::string key, const Positions& positions);

// "file:line:column"
std::string ToText(std::string_view origin, const std::optional<Position>& at);

ConfigError ToError(const Complaint& complaint);
ConfigError ToError(const Complaint& complaint, std::string_view origin,
                    const Positions& positions);

// The whole content, or just more than kMaxFileSize bytes of it. Throws a Complaint.
std::string ReadContent(const std::filesystem::path& file);

// Puts what property files hold into the cluster's properties. Throws a Complaint that names
// neither the file nor its content: what stands where the file's name belongs may be the secret
// itself.
void Resolve(Cluster& cluster, const std::string& key, const std::filesystem::path& folder);

// Throws a Complaint about a property that has a value and a file.
void RefusePropertiesGivenTwice(const Cluster& cluster, const std::string& key);

}  // namespace backlogd::config
