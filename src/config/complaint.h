#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

// Private to the room: how its parts say what is wrong, and the words they use.
namespace backlogd::config {

// Where something stands in a file. Both count from 1, columns in bytes.
struct Position {
  int line = 1;
  int column = 1;
};

// What is wrong in a configuration: thrown inside the room, and made a ConfigError at its border,
// where the name of the file is known. Quotes no value that may be a secret.
struct Complaint {
  std::optional<Position> at;  // absent: where `key` stands
  std::string key;             // dotted path, for example "clusters[0].name"; empty: the file
  std::string what;            // what is wrong, how to mend it
};

// `parent`.`key`, or `key` if there is no parent.
std::string Join(std::string_view parent, std::string_view key);

// `parent`[`index`]
std::string Join(std::string_view parent, std::size_t index);

// `key` for use in a path: itself, or "?" if it is not made of a key's characters. What a file says
// where a key is expected may be part of a secret ("password=..." without a colon).
std::string ToWord(std::string_view key);

// `text` as valid UTF-8 without control characters, so that a message stays one line.
std::string ToLine(std::string_view text);

// `text` in quotes, as one line, shortened if it is long.
std::string Quote(std::string_view text);

// The word that `text` is most likely meant to be; empty if none is near.
std::string_view Nearest(std::string_view text, std::span<const std::string_view> words);

}  // namespace backlogd::config
