#include "config/load.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "config/check.h"
#include "config/complaint.h"
#include "config/properties.h"
#include "config/reader.h"
#include "config/source.h"
#include "config/yaml_document.h"

namespace backlogd::config {
namespace {

void Resolve(Config& config, const std::filesystem::path& folder) {
  for (std::size_t i = 0; i < config.clusters.size(); ++i) {
    Resolve(config.clusters[i], Join("clusters", i), folder);
  }
}

void RefusePropertiesGivenTwice(const Config& config) {
  for (std::size_t i = 0; i < config.clusters.size(); ++i) {
    RefusePropertiesGivenTwice(config.clusters[i], Join("clusters", i));
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

Cluster Refreshed(const Cluster& cluster) {
  Cluster fresh = cluster;
  try {
    Resolve(fresh, "", cluster.folder);
  } catch (const Complaint& complaint) {
    throw ToError(complaint);
  }
  return fresh;
}

}  // namespace backlogd::config
