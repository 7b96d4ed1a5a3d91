#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/complaint.h"

// Private to the room: a YAML text as a plain tree, with the place of everything, after all that is
// dangerous or ambiguous in YAML has been refused. Only yaml_document.cc sees the parser.
namespace backlogd::config {

struct YamlEntry;

struct YamlNode {
  enum class Kind { kNull, kText, kList, kMap };
  Kind kind = Kind::kNull;
  Position at;
  std::string text;                // of kText: as written, no number or boolean is interpreted
  std::vector<YamlNode> items;     // of kList
  std::vector<YamlEntry> entries;  // of kMap, in the order of the file; no key twice
};

struct YamlEntry {
  std::string key;
  Position at;  // of the key
  YamlNode value;
};

// Largest file accepted.
inline constexpr std::size_t kMaxFileSize = std::size_t{1} << 20;

// The one document in `text`; kNull if there is none. Refuses by a Complaint, in time and memory
// proportional to the text at most: more than kMaxFileSize bytes, what is not UTF-8, syntax errors,
// a second document, nesting deeper than any key needs, too many values, anchors and aliases (with
// them bombs and cycles), tags, keys that are no text, and duplicate keys.
YamlNode ParseYaml(std::string_view text);

}  // namespace backlogd::config
