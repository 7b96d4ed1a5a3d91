#include "config/load.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "config/check.h"
#include "config/complaint.h"
#include "config/properties.h"
#include "config/reader.h"
#include "config/yaml_document.h"

namespace backlogd::config {
namespace {

using Positions = std::map<std::string, Position>;

std::string ToText(Position at) {
  return std::to_string(at.line) + ":" + std::to_string(at.column);
}

// Where `key` stands, or else the nearest map or list around it that is in the file.
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

[[noreturn]] void RefuseFile(std::string what) {
  throw Complaint{std::nullopt, "", std::move(what)};
}

[[noreturn]] void RefuseUnreadable(int reason) {
  RefuseFile("cannot be read: " + std::generic_category().message(reason));
}

// The whole content, or just more than kMaxFileSize bytes of it. Throws a Complaint.
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

std::string ReadPropertyFile(const std::filesystem::path& file) {
  std::string content = ReadContent(file);
  if (content.size() > kMaxFileSize) RefuseFile("is larger than 1 MiB; name another");
  if (content.ends_with('\n')) content.pop_back();
  if (content.ends_with('\r')) content.pop_back();
  if (content.empty()) RefuseFile("is empty; write the value into it");
  return content;
}

// Names neither the file nor its content: what stands where the file's name belongs may be the
// secret itself.
void Resolve(Cluster& cluster, const std::string& key, const std::filesystem::path& folder) {
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

void Resolve(Config& config, const std::filesystem::path& folder) {
  for (std::size_t i = 0; i < config.clusters.size(); ++i) {
    Resolve(config.clusters[i], Join("clusters", i), folder);
  }
}

void RefusePropertiesGivenTwice(const Config& config) {
  for (std::size_t i = 0; i < config.clusters.size(); ++i) {
    for (const auto& [name, file] : config.clusters[i].property_files) {
      if (!config.clusters[i].properties.contains(name)) continue;
      throw Complaint{std::nullopt, Join(Join(Join("clusters", i), "property_files"), name),
                      "stands in properties too; remove one of them"};
    }
  }
}

// Reads property files if there is a folder to look for them.
Config ReadText(std::string_view yaml, std::string_view origin,
                const std::optional<std::filesystem::path>& folder) {
  ReadConfig read;
  try {
    read = Read(ParseYaml(yaml));
    // Whoever only shortens the interval shall not be told about the timeout.
    Poll& poll = read.config.poll;
    if (!read.positions.contains("poll.timeout")) {
      poll.timeout = std::min(poll.timeout, poll.interval);
    }
    CheckValues(read.config);
    RefusePropertiesGivenTwice(read.config);
    if (folder) Resolve(read.config, *folder);
  } catch (const Complaint& complaint) {
    throw ToError(complaint, origin, read.positions);
  }
  return std::move(read.config);
}

}  // namespace

Config Load(const std::filesystem::path& file) {
  const std::string origin = file.string();
  std::string content;
  try {
    content = ReadContent(file);
  } catch (const Complaint& complaint) {
    throw ToError(complaint, origin, {});
  }
  return ReadText(content, origin, file.parent_path());
}

Config Parse(std::string_view yaml, std::string_view origin) {
  return ReadText(yaml, origin, std::nullopt);
}

std::string Locate(const std::filesystem::path& file, const std::string& key) {
  std::optional<Position> at;
  try {
    at = FindPosition(key, Read(ParseYaml(ReadContent(file))).positions);
  } catch (const Complaint&) {  // the file has changed; its name still helps
  }
  return ToText(file.string(), at);
}

void Check(const Config& config) {
  try {
    CheckValues(config);
  } catch (const Complaint& complaint) {
    throw ToError(complaint);
  }
}

void ResolvePropertyFiles(Config& config, const std::filesystem::path& folder) {
  try {
    Resolve(config, folder);
  } catch (const Complaint& complaint) {
    throw ToError(complaint);
  }
}

}  // namespace backlogd::config
