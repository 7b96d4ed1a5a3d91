#pragma once

#include <functional>
#include <map>
#include <string>

#include "config/complaint.h"
#include "config/config.h"
#include "config/schema.h"
#include "config/yaml_document.h"

// Private to the room: from a YAML tree to a Config.
namespace backlogd::config {

struct ReadConfig {
  Config config;
  std::map<std::string, Position> positions;  // where the value of each key that was given stands
};

// The defaults, changed by what `root` says; a key without a value changes nothing. Throws a
// Complaint about unknown keys and wrong types. Whether the values make sense is another question:
// see check.h.
ReadConfig Read(const YamlNode& root);

// The same for whatever `visit` shows; returns where the value of each key that was given stands.
std::map<std::string, Position> Read(const YamlNode& root,
                                     const std::function<void(Visitor&)>& visit);

}  // namespace backlogd::config
