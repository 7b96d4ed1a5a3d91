#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "config/sim.h"
#include "sim/failure.h"

namespace backlogd::sim {

// The command line. The settings among the flags are checked by config::LoadSim.
struct Flags {
  enum class Command { kPrint, kProduce, kConsume, kVerify, kCapacity };

  Command command = Command::kPrint;
  std::string text;  // kPrint: the help or the version
  std::optional<std::filesystem::path> config_file;
  bool json = false;
  config::Overrides settings;
};

// `args` begins with the program's name. Throws UsageError.
Flags ParseFlags(std::span<const char* const> args);

// The file, changed by the flags. Throws ConfigError if the file is wrong, UsageError if a flag is.
config::Sim LoadSettings(const Flags& flags);

}  // namespace backlogd::sim
