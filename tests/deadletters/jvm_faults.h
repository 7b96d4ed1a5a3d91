#pragma once

#include <string>
#include <vector>

#include "deadletters/reason.h"

// What goes wrong in programs of the JVM, as their exceptions say it.
namespace backlogd::deadletters {

struct Throwable {
  std::string type;
  std::string message;  // empty: null
};

struct FaultCase {
  const char* name;
  std::vector<Throwable> chain;  // outermost first
  Reason expected;
};

const std::vector<FaultCase>& JvmFaults();

}  // namespace backlogd::deadletters
