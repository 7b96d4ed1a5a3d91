#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

// What the programs' command lines have in common: checks of values, and of what CLI11 overlooks.
namespace backlogd::cli {

CLI::Validator NotEmpty();
CLI::Validator OneOf(std::vector<std::string> words);

// "--flag: must not be empty": CLI11 would take the next argument for the value of "--flag=".
std::optional<std::string> FindEmptyValue(std::span<const char* const> args);

// "--flag: given twice", where a flag takes one value: CLI11 only says how many there may be.
std::optional<std::string> FindRepetition(const CLI::App& app);

}  // namespace backlogd::cli
