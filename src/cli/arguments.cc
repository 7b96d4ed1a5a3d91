#include "cli/arguments.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace backlogd::cli {

CLI::Validator NotEmpty() {
  return CLI::Validator(
      [](const std::string& text) { return text.empty() ? "must not be empty" : std::string(); },
      "");
}

CLI::Validator OneOf(std::vector<std::string> words) {
  return CLI::Validator(
      [words = std::move(words)](const std::string& text) {
        if (std::ranges::count(words, text) > 0) return std::string();
        std::string message = "must be one of";
        for (const std::string& word : words) message += " " + word;
        return message + ", got '" + text + "'";
      },
      "");
}

std::optional<std::string> FindEmptyValue(std::span<const char* const> args) {
  for (const std::string_view arg : args.subspan(std::min<std::size_t>(1, args.size()))) {
    if (!arg.starts_with("--") || arg.find('=') != arg.size() - 1) continue;
    return std::string(arg.substr(0, arg.size() - 1)) + ": must not be empty";
  }
  return std::nullopt;
}

std::optional<std::string> FindRepetition(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_max() == 1 && option->count() > 1) {
      return option->get_name() + ": given twice";
    }
  }
  return std::nullopt;
}

}  // namespace backlogd::cli
