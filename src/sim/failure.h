#pragma once

#include <stdexcept>

namespace backlogd::sim {

// What the program returns.
inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;  // also: a check of verify failed
inline constexpr int kExitUsage = 2;

// The command line cannot be used, or not so; what() says why.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The command cannot go on; what() says what could not be done, where, and how to mend it.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace backlogd::sim
