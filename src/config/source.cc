#include "config/source.h"

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include "config/load.h"
#include "config/properties.h"
#include "config/yaml_document.h"

namespace backlogd::config {
namespace {

std::string ToText(Position at) {
  return std::to_string(at.line) + ":" + std::to_string(at.column);
}

[[noreturn]] void RefuseFile(std::string what) {
  throw Complaint{std::nullopt, "", std::move(what)};
}

[[noreturn]] void RefuseUnreadable(int reason) {
  RefuseFile("cannot be read: " + std::generic_category().message(reason));
}

}  // namespace

std::optional<Position> FindPosition(std::string key, const Positions& positions) {
  while (!key.empty()) {
    if (const auto found = positions.find(key); found != positions.end()) return found->second;
    const std::size_t end = key.find_last_of(".[");
    key.resize(end == std::string::npos ? 0 : end);
  }
  return std::nullopt;
}

std::string ToText(std::string_view origin, const std::optional<Position>& at) {
  return std::string(origin) + (at ? ":" + ToText(*at) : "");
}

ConfigError ToError(const Complaint& complaint) {
  return complaint.key.empty() ? ConfigError(complaint.what)
                               : ConfigError(complaint.key, complaint.what);
}

ConfigError ToError(const Complaint& complaint, std::string_view origin,
                    const Positions& positions) {
  const std::optional<Position> at =
      complaint.at ? complaint.at : FindPosition(complaint.key, positions);
  return ConfigError(ToText(origin, at) + ": " + ToError(complaint).what());
}

std::string ReadContent(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) RefuseFile("is a folder; name a file");
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::string content(kMaxFileSize + 1, '\0');
  if (!stream) RefuseUnreadable(errno);
  stream.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (stream.bad()) RefuseUnreadable(errno);
  content.resize(static_cast<std::size_t>(stream.gcount()));
  return content;
}

namespace {

std::string ReadPropertyFile(const std::filesystem::path& file) {
  std::string content = ReadContent(file);
  if (content.size() > kMaxFileSize) RefuseFile("is larger than 1 MiB; name another");
  if (content.ends_with('\n')) content.pop_back();
  if (content.ends_with('\r')) content.pop_back();
  if (content.empty()) RefuseFile("is empty; write the value into it");
  return content;
}

}  // namespace

void Resolve(Cluster& cluster, const std::string& key, const std::filesystem::path& folder) {
  if (!cluster.property_files.empty()) cluster.folder = folder.string();
  for (const auto& [name, file] : cluster.property_files) {
    const std::string path = Join(Join(key, "property_files"), name);
    try {
      std::string value = ReadPropertyFile(folder / file);
      if (const auto problem = ProblemWithPropertyValue(name, value)) RefuseFile(*problem);
      cluster.properties[name] = std::move(value);
    } catch (const Complaint& complaint) {
      throw Complaint{std::nullopt, path, "its file " + complaint.what};
    }
  }
}

void RefusePropertiesGivenTwice(const Cluster& cluster, const std::string& key) {
  for (const auto& [name, file] : cluster.property_files) {
    if (!cluster.properties.contains(name)) continue;
    throw Complaint{std::nullopt, Join(Join(key, "property_files"), name),
                    "stands in properties too; remove one of them"};
  }
}

}  // namespace backlogd::config
