#pragma once

#include <span>
#include <string>
#include <string_view>

namespace backlogd::sim {

// A key of the configuration that has a flag of its command.
struct SettingFlag {
  std::string_view key;   // "consume.failures.rate"; the command is its first part
  std::string_view type;  // as the help shows it
  std::string_view help;  // one line, with the default
};
std::span<const SettingFlag> SettingFlags();

// "consume.handling_ms" -> "--handling-ms", "kafka.bootstrap_servers" ->
// "--kafka.bootstrap-servers": the flag that sets the key, or the list that the item key[i] is of.
std::string FlagOf(std::string_view key);

}  // namespace backlogd::sim
