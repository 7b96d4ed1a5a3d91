#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "config/config.h"

namespace backlogd::config {

// Reads and checks a configuration file: unknown and duplicate keys, wrong types and values out of
// range are errors, as are files over 1 MiB, deep nesting, anchors and aliases, a second document,
// and patterns that RE2 refuses. A key without a value is as if absent. Reads the property files
// too (see ResolvePropertyFiles).
// Throws ConfigError: "file:line:column: key: what is wrong, how to mend it".
Config Load(const std::filesystem::path& file);

// The same for a text; `origin` stands for the file's name in messages. Reads no property file.
Config Parse(std::string_view yaml, std::string_view origin);

// Whether the values of `config` can be used: for one that was changed after Load or Parse, which
// check this too. Throws ConfigError with a key.
void Check(const Config& config);

// "file:line:column" of the value of `key` (for example "clusters[0].properties.debug"), or else of
// the nearest map or list around it; "file" if there is none. Reads the file again; never throws
// because of what it finds there.
std::string Locate(const std::filesystem::path& file, const std::string& key);

// Whether the value of this librdkafka property must not be shown: true if it came from a property
// file, and unless the property is known to be harmless.
bool IsSecret(const Cluster& cluster, const std::string& property);

// Puts the content of each property file (without its last line end) into `properties`; paths are
// relative to `folder`. Throws ConfigError if one cannot be read; never quotes the content.
void ResolvePropertyFiles(Config& config, const std::filesystem::path& folder);

// The cluster with what its property files hold now. Throws ConfigError if one cannot be read,
// whose key is the property's inside of the cluster ("property_files.sasl.password").
Cluster Refreshed(const Cluster& cluster);

// The effective configuration as YAML that Parse reads back. "<secret>" stands for the value of
// each property that is not known to be harmless; what came from a property file is left out, and
// the file's name is shown.
std::string Dump(const Config& config);

}  // namespace backlogd::config
