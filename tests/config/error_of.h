#pragma once

#include <string>

#include "config/config.h"

namespace backlogd::config {

// What the ConfigError that `action` throws says; empty if it throws none.
template <typename Action>
std::string ErrorOf(Action action) {
  try {
    action();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

}  // namespace backlogd::config
